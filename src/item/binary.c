/*
 * binary.c
 *	  Binary values, kept as padded standard base64 text.
 *
 * Each byte string has exactly one such text, so equality is equality of
 * texts; the order of texts is not that of the bytes, though.
 */
#include "postgres.h"

#include "common/base64.h"
#include "mb/pg_wchar.h"

#include "item/item_private.h"

/*
 * sextet gives the six bits that a base64 character stands for, or -1.
 */
static inline int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	return -1;
}

const char *
ddb_binary_problem(const char *s, int len)
{
	int			npad = 0;
	int			unused;

	if (len % 4 != 0)
		return psprintf("Base64 encoded length is expected a multiple of 4 bytes but found: %d",
						len);
	while (npad < 2 && npad < len && s[len - 1 - npad] == '=')
		npad++;
	for (int i = 0; i < len - npad; i++)
	{
		if (sextet(s[i]) < 0)
			return psprintf("Invalid Base64 character: '%.*s'",
							pg_mblen(s + i), s + i);
	}
	unused = npad == 2 ? 0x0F : npad == 1 ? 0x03 : 0;
	if (unused != 0 && (sextet(s[len - 1 - npad]) & unused) != 0)
		return "Invalid last non-pad Base64 character dectected";
	return NULL;
}

int
ddb_binary_length(const char *s, int len)
{
	int			n = len / 4 * 3;

	if (len >= 4)
		n -= s[len - 2] == '=' ? 2 : s[len - 1] == '=' ? 1 : 0;
	return n;
}

/*
 * decode_group decodes four characters and gives the number of bytes.
 */
static int
decode_group(const char *s, unsigned char *out)
{
	int			a = sextet(s[0]);
	int			b = sextet(s[1]);
	int			c = sextet(s[2]);
	int			d = sextet(s[3]);

	out[0] = (a << 2) | (b >> 4);
	if (c < 0)
		return 1;
	out[1] = (b << 4) | (c >> 2);
	if (d < 0)
		return 2;
	out[2] = (c << 6) | d;
	return 3;
}

int
ddb_binary_compare(const char *a, int alen, const char *b, int blen)
{
	int			common = Min(alen, blen) & ~3;
	int			i = 0;

	while (i < common && memcmp(a + i, b + i, 4) == 0)
		i += 4;
	if (i < common)
	{
		unsigned char x[3];
		unsigned char y[3];
		int			nx = decode_group(a + i, x);
		int			ny = decode_group(b + i, y);
		int			result = memcmp(x, y, Min(nx, ny));

		if (result != 0)
			return result < 0 ? -1 : 1;
		/* The group that is shorter was padded, and so is the last. */
		return nx < ny ? -1 : nx > ny;
	}
	return alen < blen ? -1 : alen > blen;
}

char *
ddb_binary_decode(const DdbValue *value, int *len)
{
	int			room = pg_b64_dec_len(value->len) + 1;
	char	   *bytes = palloc(room);
	int			n = 0;

	Assert(value->type == DDB_B);
	if (value->len > 0)
	{
		/* void pointers, because PostgreSQL 18 made these uint8 */
		const void *src = value->data;
		void	   *dst = bytes;

		n = pg_b64_decode(src, value->len, dst, room);
	}
	if (n < 0)
		ddb_value_malformed();
	*len = n;
	return bytes;
}
