/*
 * record.c
 *	  What readers of every kind show of a record: names, ids, keys, sizes.
 *
 * "API reference: Record, StreamRecord".
 */
#include "postgres.h"

#include <inttypes.h>

#include "lib/stringinfo.h"

#include "key/key.h"
#include "stream/stream.h"
#include "table/arn.h"
#include "table/desc.h"

static const char *const view_names[] = {
	[DDB_VIEW_KEYS_ONLY] = "KEYS_ONLY",
	[DDB_VIEW_NEW_IMAGE] = "NEW_IMAGE",
	[DDB_VIEW_OLD_IMAGE] = "OLD_IMAGE",
	[DDB_VIEW_NEW_AND_OLD_IMAGES] = "NEW_AND_OLD_IMAGES"
};

const char *
ddb_stream_event_name(DdbStreamEvent event)
{
	return event == DDB_EVENT_INSERT ? "INSERT" :
		event == DDB_EVENT_MODIFY ? "MODIFY" : "REMOVE";
}

const char *
ddb_stream_view_name(DdbStreamView view)
{
	return view_names[view];
}

bool
ddb_stream_view_parse(const char *name, DdbStreamView *view)
{
	for (int i = 0; i < lengthof(view_names); i++)
	{
		if (strcmp(name, view_names[i]) == 0)
		{
			*view = i;
			return true;
		}
	}
	return false;
}

char *
ddb_stream_arn(const char *table_name, const char *label)
{
	return psprintf("%s/stream/%s", ddb_table_arn(table_name), label);
}

void
ddb_stream_event_id(const char *table_name, const char *label, DdbSequence sequence,
					char buf[DDB_EVENT_ID_DIGITS + 1])
{
	char		number[DDB_SEQUENCE_DIGITS + 1];
	char	   *source;
	uint64		hash[2];

	/* a table's name holds no slash */
	ddb_sequence_format(sequence, number);
	source = psprintf("%s/%s/%s", table_name, label, number);
	ddb_hash_bytes_128(source, strlen(source), hash);
	pfree(source);
	snprintf(buf, DDB_EVENT_ID_DIGITS + 1, "%016" PRIx64 "%016" PRIx64,
			 hash[0], hash[1]);
}

Jsonb *
ddb_stream_record_keys(const DdbStreamRecord *record, char *const *key_attributes, int nkeys)
{
	Jsonb	   *image = record->new_image ? record->new_image : record->old_image;
	DdbAttribute attributes[DDB_MAX_KEY_ATTRIBUTES];
	DdbValue	keys = {.type = DDB_M,.len = nkeys,.attributes = attributes};

	if (record->keys != NULL)
		return record->keys;
	Assert(image != NULL && nkeys <= DDB_MAX_KEY_ATTRIBUTES);
	for (int i = 0; i < nkeys; i++)
	{
		attributes[i].name = key_attributes[i];
		attributes[i].name_len = strlen(key_attributes[i]);
		if (!ddb_item_lookup(&image->root, attributes[i].name, attributes[i].name_len,
							 &attributes[i].value))
			ereport(ERROR, errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("stored item lacks its key attribute \"%s\"", key_attributes[i]));
	}
	return ddb_item_from_value(&keys);
}

int64
ddb_stream_record_size(const DdbStreamRecord *record, Jsonb *keys)
{
	int64		size = ddb_item_size_bytes(&keys->root);

	if (record->new_image != NULL)
		size += ddb_item_size_bytes(&record->new_image->root);
	if (record->old_image != NULL)
		size += ddb_item_size_bytes(&record->old_image->root);
	return size;
}
