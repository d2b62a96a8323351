/*
 * datum.c
 *	  Key attributes as values of PostgreSQL's types: S as text, N as numeric,
 *	  B as bytea.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/base64.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "item/item_private.h"

/*
 * number_datum makes a numeric of a canonical number.
 */
static Datum
number_datum(const DdbValue *value)
{
	const char *s = value->data;
	int			len = value->len;
	int			i = len > 0 && s[0] == '-' ? 1 : 0;
	int64		n = 0;
	char		buf[DDB_NUMBER_BUFLEN];

	/* Integers of up to 18 digits, which most keys are, need no parser. */
	if (len - i <= 18)
	{
		for (; i < len && s[i] >= '0' && s[i] <= '9'; i++)
			n = n * 10 + (s[i] - '0');
		if (i == len)
			return NumericGetDatum(int64_to_numeric(s[0] == '-' ? -n : n));
	}
	if (len >= DDB_NUMBER_BUFLEN)
		ddb_value_malformed();
	memcpy(buf, s, len);
	buf[len] = '\0';
	return DirectFunctionCall3(numeric_in, CStringGetDatum(buf),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
ddb_value_to_datum(const DdbValue *value)
{
	switch (value->type)
	{
		case DDB_S:
			return PointerGetDatum(cstring_to_text_with_len(value->data, value->len));
		case DDB_N:
			return number_datum(value);
		case DDB_B:
			{
				int			len;
				char	   *bytes = ddb_binary_decode(value, &len);
				bytea	   *result = palloc(VARHDRSZ + len);

				SET_VARSIZE(result, VARHDRSZ + len);
				memcpy(VARDATA(result), bytes, len);
				pfree(bytes);
				return PointerGetDatum(result);
			}
		default:
			elog(ERROR, "type %s is no key type", ddb_type_name(value->type));
	}
}

/*
 * number_from_datum gives the canonical text of a numeric.  One that DynamoDB
 * cannot hold (NaN, too many digits) is a ValidationException.
 */
static void
number_from_datum(Datum datum, DdbValue *out)
{
	char	   *text = numeric_normalize(DatumGetNumeric(datum));
	int			len = strlen(text);

	if (!ddb_number_is_canonical(text, len))
	{
		char	   *buf = palloc(DDB_NUMBER_BUFLEN);

		len = ddb_number_canonical(text, len, buf);
		text = buf;
	}
	value_init_scalar(out, DDB_N, text, len);
}

void
ddb_value_from_datum(DdbType type, Datum datum, DdbValue *out)
{
	switch (type)
	{
		case DDB_S:
			{
				text	   *t = DatumGetTextPP(datum);

				value_init_scalar(out, DDB_S, VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
				break;
			}
		case DDB_N:
			number_from_datum(datum, out);
			break;
		case DDB_B:
			{
				bytea	   *b = DatumGetByteaPP(datum);
				const void *src = VARDATA_ANY(b);
				int			room = pg_b64_enc_len(VARSIZE_ANY_EXHDR(b)) + 1;
				char	   *text = palloc(room);
				int			len = pg_b64_encode(src, VARSIZE_ANY_EXHDR(b), text, room);

				if (len < 0)
					elog(ERROR, "could not encode binary value");
				value_init_scalar(out, DDB_B, text, len);
				break;
			}
		default:
			elog(ERROR, "type %s is no key type", ddb_type_name(type));
	}
}
