/*
 * sequence.c
 *	  Sequence numbers.
 *
 * "1", 19 digits of LSN, 10 of ordinal: always 30 digits, so that they compare as
 * strings as they do as numbers.
 */
#include "postgres.h"

#include <inttypes.h>

#include "stream/stream.h"

#define LSN_DIGITS 19
#define ORDINAL_DIGITS 10

void
ddb_sequence_format(DdbSequence sequence, char buf[DDB_SEQUENCE_DIGITS + 1])
{
	snprintf(buf, DDB_SEQUENCE_DIGITS + 1, "1%0*" PRIu64 "%0*u",
			 LSN_DIGITS, (uint64) sequence.lsn, ORDINAL_DIGITS, sequence.ordinal);
}

/*
 * parse_digits reads n digits; false when there are others, or it is above max.
 */
static bool
parse_digits(const char *s, int n, uint64 max, uint64 *value)
{
	*value = 0;
	for (int i = 0; i < n; i++)
	{
		if (s[i] < '0' || s[i] > '9' || *value > (max - (s[i] - '0')) / 10)
			return false;
		*value = *value * 10 + (s[i] - '0');
	}
	return true;
}

bool
ddb_sequence_parse(const char *s, DdbSequence *sequence)
{
	uint64		lsn;
	uint64		ordinal;

	if (strlen(s) != DDB_SEQUENCE_DIGITS || s[0] != '1' ||
		!parse_digits(s + 1, LSN_DIGITS, PG_UINT64_MAX, &lsn) ||
		!parse_digits(s + 1 + LSN_DIGITS, ORDINAL_DIGITS, PG_INT32_MAX, &ordinal))
		return false;
	sequence->lsn = lsn;
	sequence->ordinal = (uint32) ordinal;
	return true;
}

int
ddb_sequence_compare(DdbSequence a, DdbSequence b)
{
	if (a.lsn != b.lsn)
		return a.lsn < b.lsn ? -1 : 1;
	return a.ordinal < b.ordinal ? -1 : a.ordinal > b.ordinal;
}
