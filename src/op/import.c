/*
 * import.c
 *	  ddb_import: each row of a query becomes an item.
 *
 * A query with a single jsonb column gives items as they are; otherwise every
 * column becomes an attribute of its name: numbers N, booleans BOOL, bytea B,
 * json and jsonb documents marshalled (jsonb being in stored form), arrays L and
 * composites M of these, all else S in the text form PostgreSQL gives it.  A NULL
 * is an absent attribute, within an array or a composite it is NULL.
 *
 * The whole import is one command in the caller's transaction: an error names
 * its row and nothing stays behind.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/base64.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/typcache.h"

#include "compat.h"
#include "error.h"
#include "op/op.h"
#include "store/store.h"

/* Rows fetched at once: as many as are likely to take FETCH_BYTES, within limits. */
#define FETCH_ROWS_FIRST 16
#define FETCH_ROWS_MAX 512
#define FETCH_BYTES (2 * 1024 * 1024)
#define PROGRESS_ROWS 100000

typedef struct Import
{
	TupleDesc	tupdesc;
	int64		row;			/* number of the row at hand, from 1; else <= 0 */
	DdbLoad    *load;
	MemoryContext row_context;
} Import;

static void column_value(Datum datum, Oid typid, DdbValue *out);

/*
 * import_context names the row in an error.  Rows enter the indexes in batches,
 * so that may be one before the row at hand.
 */
static void
import_context(void *arg)
{
	Import	   *import = arg;
	int64		row = ddb_load_indexing(import->load);

	if (row == 0)
		row = import->row;
	if (row > 0)
		errcontext("ddb_import, row %lld of the query", (long long) row);
}

/*
 * check_columns refuses a query with two columns of one name.
 */
static void
check_columns(TupleDesc tupdesc)
{
	for (int i = 0; i < tupdesc->natts; i++)
	{
		for (int j = 0; j < i; j++)
		{
			if (namestrcmp(&TupleDescAttr(tupdesc, i)->attname,
						   NameStr(TupleDescAttr(tupdesc, j)->attname)) == 0)
				ereport(ERROR,
						errcode(ERRCODE_DUPLICATE_COLUMN),
						errmsg("the query of ddb_import has two columns named \"%s\"",
							   NameStr(TupleDescAttr(tupdesc, i)->attname)),
						errhint("Each column becomes an attribute of its name."));
		}
	}
}

/*
 * is_number tells whether a type's values become N.
 */
static bool
is_number(Oid typid)
{
	return typid == INT2OID || typid == INT4OID || typid == INT8OID ||
		typid == NUMERICOID || typid == FLOAT4OID || typid == FLOAT8OID || typid == OIDOID;
}

/*
 * number_value makes N of a number's text.
 */
static void
number_value(const char *text, DdbValue *out)
{
	char	   *buf = palloc(DDB_NUMBER_BUFLEN);

	MemSet(out, 0, sizeof(DdbValue));
	out->type = DDB_N;
	out->len = ddb_number_canonical(text, strlen(text), buf);
	out->data = buf;
}

/*
 * binary_value makes B of a bytea.
 */
static void
binary_value(bytea *bytes, DdbValue *out)
{
	int			len = VARSIZE_ANY_EXHDR(bytes);
	int			room = pg_b64_enc_len(len) + 1;
	char	   *buf = palloc(room);

	MemSet(out, 0, sizeof(DdbValue));
	out->type = DDB_B;
	out->len = pg_b64_encode((const void *) VARDATA_ANY(bytes), len, buf, room);
	out->data = buf;
}

/*
 * json_value marshals a json or jsonb document.
 */
static void
json_value(Datum datum, Oid typid, DdbValue *out)
{
	Jsonb	   *json;
	JsonbValue	value;

	if (typid == JSONBOID)
		json = DatumGetJsonbP(datum);
	else
		json = ddb_json_read(TextDatumGetCString(datum));
	if (JB_ROOT_IS_SCALAR(json))
		(void) JsonbExtractScalar(&json->root, &value);
	else
	{
		value.type = jbvBinary;
		value.val.binary.data = &json->root;
		value.val.binary.len = VARSIZE(json) - VARHDRSZ;
	}
	ddb_value_from_json(&value, out);
}

/*
 * member_value marshals an array's element or a composite's attribute, which
 * may be NULL.
 */
static void
member_value(Datum datum, bool isnull, Oid typid, DdbValue *out)
{
	if (isnull)
	{
		MemSet(out, 0, sizeof(DdbValue));
		out->type = DDB_NULL;
	}
	else
		column_value(datum, typid, out);
}

/*
 * dimension_value makes L of an array's outermost dimension; *at is the element
 * that comes next, and moves on.
 */
static void
dimension_value(Oid typid, int ndims, const int *dims, const Datum *elems,
				const bool *nulls, int *at, DdbValue *out)
{
	MemSet(out, 0, sizeof(DdbValue));
	out->type = DDB_L;
	out->len = ndims > 0 ? dims[0] : 0;
	out->elements = palloc0(sizeof(DdbValue) * (out->len + 1));
	for (int i = 0; i < out->len; i++)
	{
		if (ndims > 1)
			dimension_value(typid, ndims - 1, dims + 1, elems, nulls, at, &out->elements[i]);
		else
		{
			member_value(elems[*at], nulls[*at], typid, &out->elements[i]);
			(*at)++;
		}
	}
}

/*
 * array_value makes L of an array, nested for several dimensions.
 */
static void
array_value(ArrayType *array, DdbValue *out)
{
	Oid			typid = ARR_ELEMTYPE(array);
	Datum	   *elems;
	bool	   *nulls;
	int			nelems;
	int			at = 0;
	int16		typlen;
	bool		typbyval;
	char		typalign;

	get_typlenbyvalalign(typid, &typlen, &typbyval, &typalign);
	deconstruct_array(array, typid, typlen, typbyval, typalign, &elems, &nulls, &nelems);
	dimension_value(typid, ARR_NDIM(array), ARR_DIMS(array), elems, nulls, &at, out);
}

/*
 * composite_value makes M of a row.
 */
static void
composite_value(HeapTupleHeader row, DdbValue *out)
{
	TupleDesc	tupdesc = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(row),
													  HeapTupleHeaderGetTypMod(row));
	Datum	   *values = palloc(sizeof(Datum) * (tupdesc->natts + 1));
	bool	   *nulls = palloc(sizeof(bool) * (tupdesc->natts + 1));
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(row),.t_data = row};

	heap_deform_tuple(&tuple, tupdesc, values, nulls);
	MemSet(out, 0, sizeof(DdbValue));
	out->type = DDB_M;
	out->attributes = palloc0(sizeof(DdbAttribute) * (tupdesc->natts + 1));
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);
		DdbAttribute *attribute;

		if (att->attisdropped)
			continue;
		attribute = &out->attributes[out->len++];
		attribute->name_len = strlen(NameStr(att->attname));
		attribute->name = ddb_text_store(NameStr(att->attname), &attribute->name_len);
		member_value(values[i], nulls[i], att->atttypid, &attribute->value);
	}
}

/*
 * column_value marshals one column's value, which is not NULL.
 */
static void
column_value(Datum datum, Oid typid, DdbValue *out)
{
	Oid			base = getBaseType(typid);
	bool		varlena;
	Oid			output;

	check_stack_depth();
	MemSet(out, 0, sizeof(DdbValue));
	if (base == BOOLOID)
	{
		out->type = DDB_BOOL;
		out->boolean = DatumGetBool(datum);
	}
	else if (base == BYTEAOID)
		binary_value(DatumGetByteaPP(datum), out);
	else if (base == JSONBOID || base == JSONOID)
		json_value(datum, base, out);
	else if (OidIsValid(get_element_type(base)))
		array_value(DatumGetArrayTypeP(datum), out);
	else if (base == RECORDOID || get_typtype(base) == TYPTYPE_COMPOSITE)
		composite_value(DatumGetHeapTupleHeader(datum), out);
	else
	{
		getTypeOutputInfo(base, &output, &varlena);
		out->data = OidOutputFunctionCall(output, datum);
		out->len = strlen(out->data);
		out->type = DDB_S;
		if (is_number(base))
			number_value(out->data, out);
		else
			out->data = ddb_text_store(out->data, &out->len);
	}
}

/*
 * marshal_row makes an item of a row's columns.
 */
static Jsonb *
marshal_row(TupleDesc tupdesc, HeapTuple tuple)
{
	DdbValue	map = {.type = DDB_M};

	map.attributes = palloc0(sizeof(DdbAttribute) * tupdesc->natts);
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);
		bool		isnull;
		Datum		datum = SPI_getbinval(tuple, tupdesc, i + 1, &isnull);
		DdbAttribute *attribute;

		if (att->attisdropped || isnull)
			continue;
		attribute = &map.attributes[map.len++];
		attribute->name_len = strlen(NameStr(att->attname));
		attribute->name = ddb_text_store(NameStr(att->attname), &attribute->name_len);
		column_value(datum, att->atttypid, &attribute->value);
	}
	return ddb_item_from_value(&map);
}

/*
 * row_item gives the canonical item of a row.
 */
static Jsonb *
row_item(Import *import, HeapTuple tuple)
{
	TupleDesc	tupdesc = import->tupdesc;
	Jsonb	   *item;
	int64		size;

	if (tupdesc->natts == 1 && TupleDescAttr(tupdesc, 0)->atttypid == JSONBOID)
	{
		bool		isnull;
		Datum		datum = SPI_getbinval(tuple, tupdesc, 1, &isnull);

		if (isnull)
			ereport(ERROR, ddb_errcode(DDB_VALIDATION),
					errmsg("an item must not be NULL"));
		item = DatumGetJsonbP(datum);
	}
	else
		item = marshal_row(tupdesc, tuple);
	item = ddb_item_check(item, DDB_VALUES_CURRENT, &size);
	if (size > DDB_MAX_ITEM_SIZE)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Item size has exceeded the maximum allowed size"));
	return item;
}

/*
 * load_rows feeds one fetch of the query to the load.
 */
static void
load_rows(Import *import)
{
	if (import->row == 0)
		check_columns(SPI_tuptable->tupdesc);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(import->row_context);

		CHECK_FOR_INTERRUPTS();
		import->row++;
		import->tupdesc = SPI_tuptable->tupdesc;
		ddb_load_item(import->load, row_item(import, SPI_tuptable->vals[i]));
		MemoryContextSwitchTo(old);
		MemoryContextReset(import->row_context);
		if (import->row % PROGRESS_ROWS == 0)
			ereport(NOTICE, errmsg("ddb_import: %lld items", (long long) import->row));
	}
}

/*
 * ddb_op_import loads the rows of query into a table and gives their number.
 * The key of every item must be new.
 */
int64
ddb_op_import(const char *table_name, const char *query)
{
	Import		import = {0};
	ErrorContextCallback callback;
	DdbTableDesc *desc;
	SPIPlanPtr	plan;
	Portal		portal;
	long		nfetch = FETCH_ROWS_FIRST;
	int64		count;

	PreventCommandIfReadOnly("ddb_import()");
	desc = ddb_desc_open(table_name, RowExclusiveLock);
	ddb_check_write(desc->relid, DDB_OP_PUT, false);
	import.row_context = AllocSetContextCreate(CurrentMemoryContext, "ddb import row",
											   ALLOCSET_DEFAULT_SIZES);
	import.load = ddb_load_begin(desc);

	SPI_connect();
	plan = SPI_prepare(query, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	if (!SPI_is_cursor_plan(plan))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_CURSOR_DEFINITION),
				errmsg("the query of ddb_import must return rows"));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, false);

	callback.callback = import_context;
	callback.arg = &import;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	for (;;)
	{
		import.row = -import.row;	/* an error of the query is no row's */
		SPI_cursor_fetch(portal, true, nfetch);
		import.row = -import.row;
		if (SPI_processed == 0)
			break;
		load_rows(&import);
		if (MemoryContextMemAllocated(SPI_tuptable->tuptabcxt, true) > FETCH_BYTES)
			nfetch = Max(nfetch / 2, 1);
		else
			nfetch = Min(nfetch * 2, FETCH_ROWS_MAX);
		SPI_freetuptable(SPI_tuptable);
	}
	import.row = 0;
	SPI_cursor_close(portal);
	SPI_finish();

	count = ddb_load_end(import.load);
	error_context_stack = callback.previous;
	ddb_desc_close(desc);
	MemoryContextDelete(import.row_context);
	return count;
}
