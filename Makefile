# ddb: DynamoDB inside PostgreSQL.
#
#   make demo     install what is missing, build, run the Pinhead Records migration
#   make check    install what is missing, build, run every test
#
# Everything else is the usual PGXS: make, make install, make clean.

EXTENSION = ddb
MODULE_big = ddb
DATA = ddb--1.0.sql

PG_CONFIG ?= /usr/lib/postgresql/15/bin/pg_config

GENERATED = src/expr/gram.tab.c src/expr/scan.c
OBJS = $(sort $(patsubst %.c,%.o,$(wildcard src/*.c src/*/*.c) $(GENERATED)))

PG_CPPFLAGS = -I$(CURDIR)/src
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-clobbered $(EXTRA_CFLAGS)
SHLIB_LINK += -ljansson
EXTRA_CLEAN = src/expr/gram.tab.c src/expr/gram.tab.h src/expr/scan.c

# Bitcode for JIT inlining would double the build and help nothing here.
override with_llvm = no

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
