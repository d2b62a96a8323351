/*
 * words.h
 *	  How each operation words what is wrong with a request.
 *
 * What an error is about is a property of the check that raises it: whatever needs
 * the request alone (expressions, parameters, values) takes ddb_errcode_parameters().
 * How such an error is worded is a property of the operation and stands in one table,
 * which the API's handlers and the operations share.
 */
#ifndef DDB_WORDS_H
#define DDB_WORDS_H

#include "op/op.h"

typedef struct DdbWords
{
	const char *operation;		/* "PutItem" */
	bool		enveloped;		/* "1 validation error detected: " before errors of parameters */
	DdbValueLayer values;		/* whose words errors of values have */
	bool		wraps;			/* "ExpressionAttributeValues contains invalid value: ..." */
} DdbWords;

/* The row of the operation that a write, a get or a read is, or is part of. */
extern const DdbWords *ddb_words_of_write(const DdbWriteOp *op);
extern const DdbWords *ddb_words_of_get(const DdbGetOp *op);
extern const DdbWords *ddb_words_of_read(const DdbReadOp *op);

/*
 * From so many JSON objects and arrays one in another on, counted from an item, PutItem,
 * UpdateItem and DeleteItem word what is wrong as they did before; a request has one
 * more around it.
 */
#define DDB_OLD_FORM_DEPTH 128

#endif							/* DDB_WORDS_H */
