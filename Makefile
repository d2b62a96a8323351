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

# The expression language.  One run of bison makes both files; what flex and
# bison write is theirs, so a few warnings don't apply to it.

src/expr/gram.tab.c: src/expr/gram.y
	$(or $(BISON),bison) -Wall -Werror -d -o $@ $<

src/expr/gram.tab.h: src/expr/gram.tab.c
	@touch $@

src/expr/scan.c: src/expr/scan.l
	$(or $(FLEX),flex) -o $@ $<

src/expr/gram.tab.o src/expr/scan.o src/expr/parse.o: src/expr/gram.tab.h
src/expr/gram.tab.o src/expr/scan.o: CFLAGS += -Wno-unused-function -Wno-missing-prototypes \
	-Wno-declaration-after-statement
$(filter src/expr/%.o,$(OBJS)): src/expr/ast.h src/expr/expr.h src/item/item.h
src/expr/gram.tab.o src/expr/scan.o src/expr/parse.o: src/expr/parse.h
