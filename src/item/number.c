/*
 * number.c
 *	  DynamoDB numbers: canonical text, order, sum.
 *
 * A number is kept as text in plain decimal notation: an optional minus, an
 * integer part without leading zeros ("0" when there is nothing else), and if
 * need be a point and a fraction without trailing zeros.  So two numbers are
 * equal exactly when their texts are.
 *
 * Range (developer guide, "Data types: Number"): up to 38 significant digits,
 * magnitude 1E-130 to 9.99...E+125, or 0, whose exponent as written must be in
 * that range too.
 */
#include "postgres.h"

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "error.h"
#include "item/item_private.h"

#define MAX_EXPONENT 125		/* of the first significant digit */
#define MIN_EXPONENT (-130)
#define EXPONENT_CLAMP INT64CONST(4000000000)	/* beyond any text's length */
#define INT64_SAFE_DIGITS 18

#define OVERFLOW_MESSAGE \
	"Number overflow. Attempting to store a number with magnitude larger than supported range"
#define UNDERFLOW_MESSAGE \
	"Number underflow. Attempting to store a number with magnitude smaller than supported range"
#define PRECISION_MESSAGE \
	"Attempting to store more than 38 significant digits in a Number"

/* A number taken apart: 0.d1d2d3... has exponent -1. */
typedef struct Decimal
{
	bool		negative;
	bool		too_precise;
	int			ndigits;		/* significant, trailing zeros cut; 0 for zero */
	int64		exponent;		/* of the first significant digit */
	char		digits[DDB_MAX_NUMBER_DIGITS];
} Decimal;

#define is_digit(c) ((c) >= '0' && (c) <= '9')

bool
ddb_number_is_canonical(const char *s, int len)
{
	const char *end = s + len;

	if (len > DDB_MAX_NUMBER_DIGITS)
		return false;
	if (s < end && *s == '-')
	{
		s++;
		if (end - s == 1 && *s == '0')
			return false;
	}
	if (s == end)
		return false;
	if (*s == '0')
		s++;
	else if (is_digit(*s))
	{
		while (s < end && is_digit(*s))
			s++;
	}
	else
		return false;
	if (s == end)
		return true;
	if (*s++ != '.' || s == end || end[-1] == '0')
		return false;
	while (s < end && is_digit(*s))
		s++;
	return s == end;
}

/*
 * parse_exponent reads what follows the E; false if it is no integer of 64 bits.
 * What is surely out of range is clamped, so that a text's length can be added.
 */
static bool
parse_exponent(const char *s, const char *end, int64 *exponent)
{
	bool		negative = false;
	int64		result = 0;		/* negative: there is one more number on that side */

	if (s < end && (*s == '+' || *s == '-'))
		negative = *s++ == '-';
	if (s == end)
		return false;
	for (; s < end; s++)
	{
		if (!is_digit(*s) ||
			pg_mul_s64_overflow(result, 10, &result) ||
			pg_sub_s64_overflow(result, *s - '0', &result))
			return false;
	}
	if (!negative && result == PG_INT64_MIN)
		return false;
	result = Max(result, -EXPONENT_CLAMP);
	*exponent = negative ? result : -result;
	return true;
}

/*
 * parse_decimal takes a number apart: [sign] digits [. digits] [e [sign]
 * digits], with at least one digit before or after the point.  False if s is
 * nothing of the kind.
 */
static bool
parse_decimal(const char *s, int len, Decimal *out)
{
	const char *end = s + len;
	int64		nseen = 0;		/* digits from the first significant one */
	int64		exponent = 0;
	int64		point_shift = 0;	/* exponent of the first digit before E */
	bool		any = false;
	bool		point = false;

	memset(out, 0, offsetof(Decimal, digits));
	if (s < end && (*s == '+' || *s == '-'))
		out->negative = *s++ == '-';
	for (; s < end; s++)
	{
		if (*s == '.')
		{
			if (point)
				return false;
			point = true;
			continue;
		}
		if (!is_digit(*s))
			break;
		any = true;
		if (nseen == 0 && *s == '0')
		{
			if (point)
				point_shift--;
			continue;
		}
		if (!point)
			point_shift++;
		if (*s != '0')
		{
			/* Zeros in between count once a digit follows them. */
			if (nseen < DDB_MAX_NUMBER_DIGITS)
			{
				memset(out->digits + out->ndigits, '0', nseen - out->ndigits);
				out->digits[nseen] = *s;
				out->ndigits = (int) nseen + 1;
			}
			else
				out->too_precise = true;
		}
		nseen++;
	}
	if (!any)
		return false;
	if (s < end)
	{
		if (*s != 'e' && *s != 'E')
			return false;
		if (!parse_exponent(s + 1, end, &exponent))
			return false;
	}
	/* Zero has no significant digit: its range is that of the exponent written. */
	out->exponent = out->ndigits > 0 ? point_shift - 1 + exponent : exponent;
	return true;
}

/*
 * write_decimal writes the canonical text of a number in range and gives its
 * length.
 */
static int
write_decimal(const Decimal *d, char *buf)
{
	char	   *p = buf;
	int			nint = (int) d->exponent + 1;	/* digits before the point */

	if (d->ndigits == 0)
	{
		*p++ = '0';
		*p = '\0';
		return 1;
	}
	if (d->negative)
		*p++ = '-';
	if (nint <= 0)
	{
		*p++ = '0';
		*p++ = '.';
		memset(p, '0', -nint);
		p += -nint;
		memcpy(p, d->digits, d->ndigits);
		p += d->ndigits;
	}
	else if (d->ndigits <= nint)
	{
		memcpy(p, d->digits, d->ndigits);
		p += d->ndigits;
		memset(p, '0', nint - d->ndigits);
		p += nint - d->ndigits;
	}
	else
	{
		memcpy(p, d->digits, nint);
		p += nint;
		*p++ = '.';
		memcpy(p, d->digits + nint, d->ndigits - nint);
		p += d->ndigits - nint;
	}
	*p = '\0';
	Assert(p - buf < DDB_NUMBER_BUFLEN);
	return (int) (p - buf);
}

const char *
ddb_number_parse(const char *s, int len, char *buf, int *buflen)
{
	Decimal		d;

	if (!parse_decimal(s, len, &d))
		return psprintf("The parameter cannot be converted to a numeric value: %.*s",
						len, s);
	if (d.exponent > MAX_EXPONENT)
		return OVERFLOW_MESSAGE;
	if (d.exponent < MIN_EXPONENT)
		return UNDERFLOW_MESSAGE;
	if (d.too_precise)
		return PRECISION_MESSAGE;
	*buflen = write_decimal(&d, buf);
	return NULL;
}

bool
ddb_number_scale_fits(const char *s, int len)
{
	const char *end = s + len;
	int64		fraction = 0;
	int64		exponent = 0;
	bool		point = false;
	bool		negative;

	for (; s < end && *s != 'e' && *s != 'E'; s++)
	{
		if (*s == '.')
			point = true;
		else if (point)
			fraction++;
	}
	if (s == end)
		return true;
	s++;
	negative = s < end && *s == '-';
	for (; s < end; s++)
	{
		if (is_digit(*s) && exponent <= (int64) PG_INT32_MAX + 1)
			exponent = exponent * 10 + (*s - '0');
	}
	if (negative)
		exponent = -exponent;
	return exponent >= PG_INT32_MIN && exponent <= PG_INT32_MAX &&
		fraction - exponent >= PG_INT32_MIN && fraction - exponent <= PG_INT32_MAX;
}

const char *
ddb_number_read(const char *s, int len, char *buf, int *buflen)
{
	Decimal		d;
	int32		magnitude;

	if (!parse_decimal(s, len, &d) || !ddb_number_scale_fits(s, len))
		return len == 0 ? "The parameter cannot be converted to a numeric value" :
			psprintf("The parameter cannot be converted to a numeric value: %.*s", len, s);
	magnitude = (int32) (uint32) (d.exponent + 1);
	if (magnitude > MAX_EXPONENT + 1)
		return OVERFLOW_MESSAGE;
	if (magnitude < MIN_EXPONENT + 1)
		return UNDERFLOW_MESSAGE;
	if (d.too_precise)
		return PRECISION_MESSAGE;
	*buflen = write_decimal(&d, buf);
	return NULL;
}

int
ddb_number_canonical(const char *s, int len, char *buf)
{
	int			buflen = 0;
	const char *problem = ddb_number_parse(s, len, buf, &buflen);

	if (problem != NULL)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg("%s", problem));
	return buflen;
}

int
ddb_number_size(const char *s, int len)
{
	const char *end = s + len;
	const char *point;
	int			size = 1;
	int			nint;
	int			nfraction;

	if (len == 1 && s[0] == '0')
		return 1;
	if (s < end && *s == '-')
	{
		size++;
		s++;
	}
	point = memchr(s, '.', end - s);
	if (point == NULL)
	{
		while (end > s && end[-1] == '0')
			end--;
		nint = end - s;
		nfraction = 0;
	}
	else
	{
		nint = point - s;
		point++;
		if (nint == 1 && *s == '0')
		{
			nint = 0;
			while (point < end && *point == '0')
				point++;
		}
		nfraction = end - point;
	}
	return size + (nint + 1) / 2 + (nfraction + 1) / 2;
}

/*
 * compare_magnitude compares two canonical numbers without their signs.
 */
static int
compare_magnitude(const char *a, int alen, const char *b, int blen)
{
	const char *apoint = memchr(a, '.', alen);
	const char *bpoint = memchr(b, '.', blen);
	int			aint = apoint ? apoint - a : alen;
	int			bint = bpoint ? bpoint - b : blen;
	int			result;

	/* A longer integer part is larger: there are no leading zeros. */
	if (aint != bint)
		return aint < bint ? -1 : 1;

	/* From here on the points lie under each other: compare as text. */
	result = memcmp(a, b, Min(alen, blen));
	if (result != 0)
		return result < 0 ? -1 : 1;
	return alen < blen ? -1 : alen > blen;
}

int
ddb_number_compare(const char *a, int alen, const char *b, int blen)
{
	bool		anegative = alen > 0 && *a == '-';
	bool		bnegative = blen > 0 && *b == '-';

	if (anegative != bnegative)
		return anegative ? -1 : 1;
	if (anegative)
		return compare_magnitude(b + 1, blen - 1, a + 1, alen - 1);
	return compare_magnitude(a, alen, b, blen);
}

/*
 * parse_short reads a canonical integer of few enough digits for int64 sums;
 * false for any other number.
 */
static bool
parse_short(const DdbValue *number, int64 *out)
{
	const char *s = number->data;
	const char *end = s + number->len;
	bool		negative = s < end && *s == '-';
	int64		result = 0;

	if (negative)
		s++;
	if (s == end || end - s > INT64_SAFE_DIGITS)
		return false;
	for (; s < end; s++)
	{
		if (!is_digit(*s))
			return false;
		result = result * 10 + (*s - '0');
	}
	*out = negative ? -result : result;
	return true;
}

void
ddb_number_add(const DdbValue *a, const DdbValue *b, bool subtract, DdbValue *out)
{
	int64		x;
	int64		y;
	char	   *buf = palloc(DDB_NUMBER_BUFLEN);
	int			len;

	Assert(a->type == DDB_N && b->type == DDB_N);
	if (parse_short(a, &x) && parse_short(b, &y))
		len = pg_lltoa(subtract ? x - y : x + y, buf);
	else
	{
		Datum		sum;
		char	   *text;
		const char *problem;

		sum = DirectFunctionCall2(subtract ? numeric_sub : numeric_add,
								  ddb_value_to_datum(a), ddb_value_to_datum(b));
		text = numeric_normalize(DatumGetNumeric(sum));
		len = 0;
		problem = ddb_number_parse(text, strlen(text), buf, &len);
		if (problem != NULL)
			ereport(ERROR, ddb_errcode(DDB_VALIDATION),
					errmsg("%s", strcmp(problem, PRECISION_MESSAGE) == 0 ? OVERFLOW_MESSAGE : problem));
		pfree(text);
	}
	value_init_scalar(out, DDB_N, buf, len);
}
