/*
 * buffer.c
 *	  Growing byte buffers of the event loop.
 *
 * They live in malloc's memory: the event loop knows no memory contexts, and its
 * connections outlive every transaction.
 */
#include "http/conn.h"

#include <stdlib.h>
#include <string.h>

#define DOUBLE_UP_TO	(1024 * 1024)

/*
 * ddb_buffer_reserve makes room for len more bytes; false when there is no memory.
 * Small buffers double, large ones grow by a quarter.
 */
bool
ddb_buffer_reserve(DdbBuffer *buffer, size_t len)
{
	size_t		wanted = buffer->len + len;
	size_t		size = buffer->size ? buffer->size : 512;
	char	   *grown;

	if (wanted <= buffer->size)
		return true;
	while (size < wanted)
		size += size < DOUBLE_UP_TO ? size : size / 4;
	if (len > DOUBLE_UP_TO)
		size = wanted;
	grown = realloc(buffer->data, size);
	if (grown == NULL)
		return false;
	buffer->data = grown;
	buffer->size = size;
	return true;
}

/*
 * ddb_buffer_append appends bytes; false when there is no memory.
 */
bool
ddb_buffer_append(DdbBuffer *buffer, const void *data, size_t len)
{
	if (!ddb_buffer_reserve(buffer, len))
		return false;
	if (len > 0)
		memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
	return true;
}

/*
 * ddb_buffer_drop takes len bytes from the front.
 */
void
ddb_buffer_drop(DdbBuffer *buffer, size_t len)
{
	buffer->len -= len;
	if (buffer->len > 0)
		memmove(buffer->data, buffer->data + len, buffer->len);
	else
		ddb_buffer_clear(buffer);
}

/*
 * ddb_buffer_clear empties a buffer and gives large memory back.
 */
void
ddb_buffer_clear(DdbBuffer *buffer)
{
	buffer->len = 0;
	if (buffer->size > DDB_HTTP_KEEP)
		ddb_buffer_free(buffer);
}

void
ddb_buffer_free(DdbBuffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(DdbBuffer));
}
