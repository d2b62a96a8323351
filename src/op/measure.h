/*
 * measure.h
 *	  How many items a table and its indexes hold, and their bytes.
 */
#ifndef DDB_MEASURE_H
#define DDB_MEASURE_H

#include "table/describe.h"

/*
 * ddb_op_measure is the DdbMeasure of all doors: exact for a small table, an estimate
 * for a larger one.  It sees what the transaction sees.
 */
extern void ddb_op_measure(const DdbTableDesc *desc, DdbExtent *extents);

#endif							/* DDB_MEASURE_H */
