/*
 * stream_shapes.h
 *	  Shapes of the requests of the Streams API.
 */
#ifndef DDB_STREAM_SHAPES_H
#define DDB_STREAM_SHAPES_H

#include "api/shape.h"

extern const DdbShape ddb_shape_list_streams;
extern const DdbShape ddb_shape_describe_stream;
extern const DdbShape ddb_shape_get_shard_iterator;
extern const DdbShape ddb_shape_get_records;

#endif							/* DDB_STREAM_SHAPES_H */
