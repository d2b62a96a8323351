/* ddb--1.0--1.1.sql: from the objects of version 1.0 to those of ddb--1.1.sql, in its order. */

\echo Use "ALTER EXTENSION ddb UPDATE TO '1.1'" to load this file. \quit
