/*
 * table_shapes.h
 *	  What requests about tables share.
 */
#ifndef DDB_TABLE_SHAPES_H
#define DDB_TABLE_SHAPES_H

#include "api/shape.h"

/* named as the members or data types that they are the shapes of */
extern const DdbShape ddb_shape_key_name;
extern const DdbShape ddb_shape_attribute_definitions;
extern const DdbShape ddb_shape_table_key_schema;
extern const DdbShape ddb_shape_projection;
extern const DdbShape ddb_shape_units;
extern const DdbShape ddb_shape_provisioned_throughput;
extern const DdbShape ddb_shape_on_demand_throughput;
extern const DdbShape ddb_shape_warm_throughput;
extern const DdbShape ddb_shape_local_indexes;
extern const DdbShape ddb_shape_global_index;
extern const DdbShape ddb_shape_global_indexes;
extern const DdbShape ddb_shape_billing_mode;
extern const DdbShape ddb_shape_stream_specification;
extern const DdbShape ddb_shape_sse_specification;
extern const DdbShape ddb_shape_table_class;
extern const DdbShape ddb_shape_replication_mode;
extern const DdbShape ddb_shape_tag_key;
extern const DdbShape ddb_shape_tags;

/* whole requests, for the SQL functions that make them too */
extern const DdbShape ddb_shape_create_table;	/* table_requests.c */
extern const DdbShape ddb_shape_update_table;	/* update_table.c */

#endif							/* DDB_TABLE_SHAPES_H */
