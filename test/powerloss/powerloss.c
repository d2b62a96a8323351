/*
 * powerloss.c
 *	  A disk that forgets what was not synced, to be preloaded into a server.
 *
 * Before a file below DDB_POWERLOSS_DATA is written to, what stands there is saved in a
 * file of its own in DDB_POWERLOSS_SAVED, named after the inode; fsync() and fdatasync()
 * empty that.  So at any moment what is saved there undoes all that is not synced, and
 * test/perl/PowerLoss.pm puts it back after everything was killed: the disk as it may
 * look when the power comes back.
 *
 * The real sync is left out: nothing but this layer decides what lasts.  What is
 * done to directories (creation, rename, removal) and truncation count as lasting at
 * once, in order, as on a journaling file system; contents don't.
 *
 * Every write is made, with what is saved before it, under a lock on the saved file, so
 * that a sync in another process covers it wholly or not at all.  A process that is
 * killed in between leaves something saved that was not overwritten, which does no harm,
 * or an incomplete record behind the length that the header gives.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHUNK 65536

/* How a saved file begins; records follow. */
typedef struct SavedHeader
{
	int64_t		original;		/* the file's size when it was last synced */
	int64_t		used;			/* bytes of the saved file that count */
} SavedHeader;

typedef struct SavedRecord
{
	int64_t		offset;
	int64_t		length;			/* bytes that follow */
} SavedRecord;

/* The file behind a descriptor, its saved file being locked. */
typedef struct FileGuard
{
	int			saved;			/* descriptor */
	int64_t		size;			/* of the file */
	SavedHeader header;
} FileGuard;

#define REAL(type, name) \
	static type (*real) PARAMETERS; \
	if (real == NULL) \
		real = (type (*) PARAMETERS) dlsym(RTLD_NEXT, name)

static void
broken(const char *what)
{
	dprintf(2, "powerloss: %s: %s\n", what, strerror(errno));
	abort();
}

/* ---- what we do ourselves goes past the functions below ---- */

static ssize_t
real_pwrite(int fd, const void *data, size_t length, off_t offset)
{
#define PARAMETERS (int, const void *, size_t, off_t)
	REAL(ssize_t, "pwrite64");
#undef PARAMETERS
	return real(fd, data, length, offset);
}

static int
real_ftruncate(int fd, off_t length)
{
#define PARAMETERS (int, off_t)
	REAL(int, "ftruncate64");
#undef PARAMETERS
	return real(fd, length);
}

static int
real_open(const char *path, int flags, mode_t mode)
{
#define PARAMETERS (const char *, int, ...)
	REAL(int, "open64");
#undef PARAMETERS
	return real(path, flags, mode);
}

static void
save_bytes(int fd, const void *data, size_t length, off_t offset)
{
	if (real_pwrite(fd, data, length, offset) != (ssize_t) length)
		broken("saving");
}

/* ---- saved files ---- */

/*
 * lock_saved opens and locks the saved file of an inode.
 */
static int
lock_saved(const struct stat *st)
{
	char		path[PATH_MAX];
	int			fd;

	snprintf(path, sizeof(path), "%s/%llu", getenv("DDB_POWERLOSS_SAVED"),
			 (unsigned long long) st->st_ino);
	fd = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		broken(path);
	while (flock(fd, LOCK_EX) != 0)
	{
		if (errno != EINTR)
			broken("flock");
	}
	return fd;
}

/*
 * is_ours tells whether a path is one of the files under test.  Files that no server
 * expects to find again are left alone.
 */
static int
is_ours(const char *path)
{
	const char *data = getenv("DDB_POWERLOSS_DATA");
	size_t		length = data ? strlen(data) : 0;

	return length > 0 && strncmp(path, data, length) == 0 && path[length] == '/' &&
		strstr(path, "/pgsql_tmp") == NULL && strstr(path, "/pg_stat_tmp/") == NULL &&
		strstr(path, "/postmaster.") == NULL;
}

/*
 * guard finds out about the file behind a descriptor; false when it is not one of ours.
 */
static int
guard(int fd, FileGuard *g)
{
	struct stat st;
	char		link[64];
	char		path[PATH_MAX];
	ssize_t		length;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return 0;
	path[length] = '\0';
	if (!is_ours(path))
		return 0;
	g->saved = lock_saved(&st);
	/* another process may have made it longer meanwhile */
	if (fstat(fd, &st) != 0)
		broken("fstat");
	g->size = st.st_size;
	if (pread(g->saved, &g->header, sizeof(SavedHeader), 0) != sizeof(SavedHeader))
	{
		g->header.original = g->size;
		g->header.used = sizeof(SavedHeader);
	}
	return 1;
}

static void
release(FileGuard *g)
{
	int			error = errno;

	close(g->saved);			/* and the lock with it */
	errno = error;
}

/*
 * save keeps what stands in a part of the file.
 */
static void
save(int fd, FileGuard *g, off_t offset, size_t length)
{
	char		buffer[CHUNK];
	char		link[64];
	int			from = fd;

	if (offset >= g->size)
		length = 0;
	else if (offset + (off_t) length > g->size)
		length = g->size - offset;
	if (length > 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
	{
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		from = real_open(link, O_RDONLY | O_CLOEXEC, 0);
		if (from < 0)
			broken("reading");
	}
	while (length > 0)
	{
		SavedRecord record = {offset, length < CHUNK ? length : CHUNK};

		if (pread(from, buffer, record.length, offset) != record.length)
			broken("reading");
		save_bytes(g->saved, &record, sizeof(record), g->header.used);
		save_bytes(g->saved, buffer, record.length, g->header.used + sizeof(record));
		g->header.used += sizeof(record) + record.length;
		offset += record.length;
		length -= record.length;
	}
	if (from != fd)
		close(from);
	save_bytes(g->saved, &g->header, sizeof(SavedHeader), 0);
}

/*
 * forget empties the saved file: the file is safe as it is.
 */
static void
forget(FileGuard *g)
{
	if (real_ftruncate(g->saved, 0) != 0)
		broken("emptying");
}

/*
 * forget_path does that for a file that is about to lose its contents or its last name.
 */
static void
forget_path(const char *path)
{
	struct stat st;
	char		full[PATH_MAX];
	int			fd;

	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1 ||
		realpath(path, full) == NULL || !is_ours(full))
		return;
	fd = lock_saved(&st);
	if (real_ftruncate(fd, 0) != 0)
		broken("emptying");
	close(fd);
}

static size_t
total(const struct iovec *parts, int count)
{
	size_t		length = 0;

	for (int i = 0; i < count; i++)
		length += parts[i].iov_len;
	return length;
}

/*
 * where gives the place that write() would write to.
 */
static off_t
where(int fd, const FileGuard *g)
{
	return (fcntl(fd, F_GETFL) & O_APPEND) != 0 ? g->size : lseek(fd, 0, SEEK_CUR);
}

/*
 * finish ends a write; a descriptor opened for synchronous writes has synced it.
 */
static void
finish(int fd, FileGuard *g)
{
	if ((fcntl(fd, F_GETFL) & (O_SYNC | O_DSYNC)) != 0)
		forget(g);
	release(g);
}

/* ---- writing ---- */

ssize_t
write(int fd, const void *data, size_t length)
{
	FileGuard	g;
	ssize_t		result;

#define PARAMETERS (int, const void *, size_t)
	REAL(ssize_t, "write");
#undef PARAMETERS
	if (!guard(fd, &g))
		return real(fd, data, length);
	save(fd, &g, where(fd, &g), length);
	result = real(fd, data, length);
	finish(fd, &g);
	return result;
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	FileGuard	g;
	ssize_t		result;

#define PARAMETERS (int, const struct iovec *, int)
	REAL(ssize_t, "writev");
#undef PARAMETERS
	if (!guard(fd, &g))
		return real(fd, parts, count);
	save(fd, &g, where(fd, &g), total(parts, count));
	result = real(fd, parts, count);
	finish(fd, &g);
	return result;
}

ssize_t
pwrite64(int fd, const void *data, size_t length, off_t offset)
{
	FileGuard	g;
	ssize_t		result;

	if (!guard(fd, &g))
		return real_pwrite(fd, data, length, offset);
	save(fd, &g, offset, length);
	result = real_pwrite(fd, data, length, offset);
	finish(fd, &g);
	return result;
}

ssize_t
pwrite(int fd, const void *data, size_t length, off_t offset)
{
	return pwrite64(fd, data, length, offset);
}

ssize_t
pwritev64(int fd, const struct iovec *parts, int count, off_t offset)
{
	FileGuard	g;
	ssize_t		result;

#define PARAMETERS (int, const struct iovec *, int, off_t)
	REAL(ssize_t, "pwritev64");
#undef PARAMETERS
	if (!guard(fd, &g))
		return real(fd, parts, count, offset);
	save(fd, &g, offset, total(parts, count));
	result = real(fd, parts, count, offset);
	finish(fd, &g);
	return result;
}

ssize_t
pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
	return pwritev64(fd, parts, count, offset);
}

/* ---- cutting short ---- */

/*
 * cut notes that a file ends at length from now on, for good: records beyond it are
 * void, which one more record says, with a negative length.
 */
static void
cut(FileGuard *g, off_t length)
{
	SavedRecord record = {length, -1};

	if (length >= g->size)
		return;
	save_bytes(g->saved, &record, sizeof(record), g->header.used);
	g->header.used += sizeof(record);
	if (g->header.original > length)
		g->header.original = length;
	save_bytes(g->saved, &g->header, sizeof(SavedHeader), 0);
}

int
ftruncate64(int fd, off_t length)
{
	FileGuard	g;
	int			result;

	if (!guard(fd, &g))
		return real_ftruncate(fd, length);
	cut(&g, length);
	result = real_ftruncate(fd, length);
	release(&g);
	return result;
}

int
ftruncate(int fd, off_t length)
{
	return ftruncate64(fd, length);
}

int
truncate(const char *path, off_t length)
{
	int			fd = real_open(path, O_WRONLY | O_CLOEXEC, 0);
	int			result;

	if (fd < 0)
		return -1;
	result = ftruncate64(fd, length);
	close(fd);
	return result;
}

int
truncate64(const char *path, off_t length)
{
	return truncate(path, length);
}

/*
 * emptied is open() with O_TRUNC: the file is there and empty, whatever happens.
 */
static void
emptied(const char *path, int flags)
{
	if ((flags & O_TRUNC) != 0)
		forget_path(path);
}

int
open64(const char *path, int flags,...)
{
	va_list		arguments;
	mode_t		mode = 0;

	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
	{
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	emptied(path, flags);
	return real_open(path, flags, mode);
}

int
open(const char *path, int flags,...)
{
	va_list		arguments;
	mode_t		mode = 0;

	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
	{
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	emptied(path, flags);
	return real_open(path, flags, mode);
}

int
unlink(const char *path)
{
#define PARAMETERS (const char *)
	REAL(int, "unlink");
#undef PARAMETERS
	forget_path(path);
	return real(path);
}

int
rename(const char *from, const char *to)
{
#define PARAMETERS (const char *, const char *)
	REAL(int, "rename");
#undef PARAMETERS
	forget_path(to);
	return real(from, to);
}

/* ---- syncing ---- */

static int
sync_file(int fd)
{
	FileGuard	g;

	if (guard(fd, &g))
	{
		forget(&g);
		release(&g);
	}
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

int
fsync(int fd)
{
	return sync_file(fd);
}

int
fdatasync(int fd)
{
	return sync_file(fd);
}

int
sync_file_range(int fd, off_t offset, off_t length, unsigned int flags)
{
	(void) fd;
	(void) offset;
	(void) length;
	(void) flags;
	return 0;					/* promises nothing */
}

int
sync_file_range64(int fd, off_t offset, off_t length, unsigned int flags)
{
	return sync_file_range(fd, offset, length, flags);
}
