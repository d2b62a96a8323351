/*
 * table_shapes.h
 *	  Shapes of requests about tables.
 */
#ifndef DDB_TABLE_SHAPES_H
#define DDB_TABLE_SHAPES_H

#include "api/shape.h"

extern const DdbShape ddb_shape_create_table;
extern const DdbShape ddb_shape_update_table;
extern const DdbShape ddb_shape_one_table;	/* TableName alone */
extern const DdbShape ddb_shape_list_tables;
extern const DdbShape ddb_shape_tag_resource;
extern const DdbShape ddb_shape_untag_resource;
extern const DdbShape ddb_shape_list_tags;
extern const DdbShape ddb_shape_update_time_to_live;
extern const DdbShape ddb_shape_nothing;

#endif							/* DDB_TABLE_SHAPES_H */
