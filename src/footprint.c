/*
 * footprint.c
 *	  What a request has read and written.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "footprint.h"

bool		ddb_footprint_wanted;
DdbFootprint ddb_footprint;

static uint32
name_hash(const char *table_name)
{
	return hash_bytes((const unsigned char *) table_name, strlen(table_name));
}

static uint32
slot_of(uint32 table_hash, uint32 part)
{
	return hash_combine(table_hash, murmurhash32(part)) % DDB_FOOTPRINT_SLOTS;
}

void
ddb_footprint_reset(void)
{
	ddb_footprint.nparts = 0;
	ddb_footprint.everything = false;
}

static void
add(uint32 partition, uint32 table, bool written)
{
	DdbFootprintPart *part;

	if (ddb_footprint.nparts == lengthof(ddb_footprint.parts))
	{
		ddb_footprint.everything = true;
		return;
	}
	part = &ddb_footprint.parts[ddb_footprint.nparts++];
	part->partition = partition;
	part->table = table;
	part->written = written;
}

void
ddb_footprint_partition(const char *table_name, int64 hash, bool written)
{
	uint32		table;

	if (!ddb_footprint_wanted)
		return;
	table = name_hash(table_name);
	add(slot_of(table, (uint32) hash ^ (uint32) (hash >> 32)), slot_of(table, 1), written);
}

void
ddb_footprint_table(const char *table_name)
{
	uint32		table;

	if (!ddb_footprint_wanted)
		return;
	table = slot_of(name_hash(table_name), 1);
	add(table, table, false);
}

void
ddb_footprint_everything(void)
{
	ddb_footprint.everything = true;
}

uint32
ddb_footprint_definition(const char *table_name)
{
	return slot_of(name_hash(table_name), 2);
}
