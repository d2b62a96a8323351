/*
 * table_settings.h
 *	  What a table or index is described with beyond its keys: throughput,
 *	  billing, class, encryption, stream, protection.
 *
 * Stored as one jsonb in ddb.tables.settings and ddb.indexes.settings.  Times
 * are seconds since 1970; 0 means never.
 */
#ifndef DDB_TABLE_SETTINGS_H
#define DDB_TABLE_SETTINGS_H

#include "table/desc.h"

typedef struct DdbThroughput
{
	int64		read;			/* capacity units; 0 when on demand */
	int64		write;
	double		increased_at;
	double		decreased_at;
	int64		decreases;		/* on the UTC day of decreased_at */
} DdbThroughput;

typedef struct DdbSettings
{
	DdbThroughput throughput;
	/* of a table or a global index */
	int64		max_read;		/* OnDemandThroughput; 0: not given */
	int64		max_write;
	int64		warm_read;		/* WarmThroughput; 0: not given */
	int64		warm_write;
	/* of a table */
	bool		on_demand;		/* BillingMode PAY_PER_REQUEST */
	bool		billing_shown;	/* BillingModeSummary is described */
	double		on_demand_at;	/* LastUpdateToPayPerRequestDateTime */
	char	   *table_class;	/* NULL: not given */
	double		table_class_at;
	bool		protected;		/* DeletionProtectionEnabled */
	char	   *sse_key;		/* KMSMasterKeyArn; NULL: SSE off */
	char	   *stream_view;	/* StreamViewType; NULL: no stream now */
	char	   *stream_label;	/* of the latest stream, or NULL */
} DdbSettings;

/* ddb_settings_read understands a stored jsonb; NULL or {} gives the defaults. */
extern void ddb_settings_read(Jsonb *stored, DdbSettings *settings);

/* ddb_settings_write gives the stored form. */
extern Jsonb *ddb_settings_write(const DdbSettings *settings);

/* ddb_settings_now is the current time in seconds since 1970, to the millisecond. */
extern double ddb_settings_now(void);

/* ddb_settings_decreases is NumberOfDecreasesToday. */
extern int64 ddb_settings_decreases(const DdbThroughput *throughput);

/*
 * ddb_settings_store keeps the settings of a table (index_name NULL) or index.
 * A table shows status UPDATING for delay milliseconds.
 */
extern void ddb_settings_store(const char *table_name, const char *index_name,
							   const DdbSettings *settings, int delay);

#endif							/* DDB_TABLE_SETTINGS_H */
