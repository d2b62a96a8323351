/*
 * record_json.h
 *	  A stream record as JSON.
 */
#ifndef DDB_RECORD_JSON_H
#define DDB_RECORD_JSON_H

#include "utils/jsonb.h"

#include "stream/stream_catalog.h"

/*
 * ddb_stream_record_json writes a record, as GetRecords answers it or as a
 * function takes it.
 */
extern Jsonb *ddb_stream_record_json(const DdbStream *stream, const DdbStreamRecord *record,
									 bool for_function);

#endif							/* DDB_RECORD_JSON_H */
