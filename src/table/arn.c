/*
 * arn.c
 *	  Amazon resource names of tables and streams.
 *
 * Requests may name a table by its ARN ("API reference": TableName).  Ours are
 * those with the region and account of the settings.
 */
#include "postgres.h"

#include "error.h"
#include "settings.h"
#include "table/arn.h"
#include "table/desc.h"

char *
ddb_table_arn(const char *table_name)
{
	return psprintf("arn:aws:dynamodb:%s:%s:table/%s", ddb_region,
					ddb_account_id, table_name);
}

char *
ddb_arn_table_name(const char *arn, bool *malformed)
{
	const char *rest = arn;
	const char *fields[5];
	char	   *prefix = psprintf("arn:aws:dynamodb:%s:%s:", ddb_region, ddb_account_id);

	*malformed = true;
	for (int i = 0; i < lengthof(fields); i++)
	{
		fields[i] = rest;
		rest = strchr(rest, ':');
		if (rest == NULL)
			return NULL;
		rest++;
	}
	if (strncmp(arn, "arn:", 4) != 0 || strncmp(fields[2], "dynamodb:", 9) != 0 ||
		strncmp(rest, "table/", 6) != 0 || rest[6] == '\0' || strchr(rest + 6, '/') != NULL)
		return NULL;
	*malformed = false;
	if (strncmp(arn, prefix, strlen(prefix)) != 0)
		return NULL;
	return pstrdup(rest + 6);
}

bool
ddb_arn_is_foreign(const char *arn)
{
	const char *account = arn;
	size_t		len = strlen(ddb_account_id);

	for (int i = 0; i < 4; i++)
		account = strchr(account, ':') + 1;
	return strncmp(account, ddb_account_id, len) != 0 || account[len] != ':';
}

char *
ddb_arn_stream(const char *arn, char **label, bool *malformed)
{
	const char *stream = strstr(arn, "/stream/");

	*malformed = true;
	if (stream == NULL || stream[8] == '\0' || strchr(stream + 8, '/') != NULL)
		return NULL;
	*label = pstrdup(stream + 8);
	return ddb_arn_table_name(pnstrdup(arn, stream - arn), malformed);
}

const char *
ddb_table_name_of(const char *name_or_arn)
{
	bool		malformed;
	char	   *name;

	if (strncmp(name_or_arn, "arn:", 4) != 0)
		return name_or_arn;
	name = ddb_arn_table_name(name_or_arn, &malformed);
	if (malformed)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Invalid TableArn: Invalid ResourceArn provided as input %s", name_or_arn));
	if (name == NULL)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found: Table: %s not found", name_or_arn));
	return name;
}
