/*
 * arn.h
 *	  Amazon resource names of tables and streams.
 */
#ifndef DDB_ARN_H
#define DDB_ARN_H

/* ddb_table_arn is the Amazon resource name of a table. */
extern char *ddb_table_arn(const char *table_name);

/* ddb_table_name_of gives the table's name of a name or ARN. */
extern const char *ddb_table_name_of(const char *name_or_arn);

/* ddb_arn_table_name gives the table's name of an ARN, or NULL when it is none of ours. */
extern char *ddb_arn_table_name(const char *arn, bool *malformed);

/* ddb_arn_is_foreign tells whether an ARN that is not malformed is another account's. */
extern bool ddb_arn_is_foreign(const char *arn);

/* ddb_arn_stream does so for a stream's ARN, and gives the stream's label. */
extern char *ddb_arn_stream(const char *arn, char **label, bool *malformed);

#endif							/* DDB_ARN_H */
