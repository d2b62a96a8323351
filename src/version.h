/*
 * version.h
 *	  The version of the SQL objects that the library works with.
 */
#ifndef DDB_VERSION_H
#define DDB_VERSION_H

/* the default_version of ddb.control */
#define DDB_VERSION "1.1"

/*
 * ddb_version_check makes sure that the objects of the extension in this database are
 * of the library's version, and otherwise raises an error that says what to run.  It
 * costs nothing while no function of the database changes.  Whatever reads or
 * writes a relation ddb.* comes through here first.  Needs a transaction; true
 * when the database has the extension at all.
 */
extern bool ddb_version_check(void);

#endif							/* DDB_VERSION_H */
