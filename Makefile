# ddb: DynamoDB inside PostgreSQL.
#
#   make demo     install what is missing, build, run the Pinhead Records migration
#   make check    install what is missing, build, run every test
#
#   make deps     only install what is missing (Debian packages, tools/packages.txt)
#   make check-regress | check-isolation | check-pgtap | check-tap | check-clients
#                 one kind of test, after building and installing
#   make check-pg-upgrade   databases go through pg_upgrade from 15 to 17, in a Debian root
#                         (needs debootstrap, the network and root; ROOT=folder keeps the root)
#   make check-fuzz     fuzzing for 20 seconds; make fuzz: for FUZZ_SECONDS=3600
#   make check-asan     the tests in a server whose ddb is watched by AddressSanitizer and
#                       UndefinedBehaviorSanitizer (PARTS="regress pgtap" for less); make check-valgrind: regress
#   make soak           clients under faults, and a judge of what they saw: MINUTES=10 SEED=n (SOAK="--help" for more)
#   make browse         dynamodb-admin shows a table in headless Chromium (needs chromium): pictures in .ddb-admin
#   make differential   the same requests to ddb, Dynoxide and DynamoDB Local (needs node, npm
#                       and java; DIFFERENTIAL="--help" for its options)
#   make bench-core     the engine against hand-written SQL (BENCH="--items 100000" for less)
#   make bench-http     the endpoint against the same statements under pgbench (BENCH="--seconds 2" for less)
#   make bench-stream   what streams cost the writers
#   make bench-partiql  statements against the operations they stand for
#   make bench-ttl      deletion of expired items against hand-written SQL (BENCH="--items 100000" for less)
#   make indent         lay out the sources as pg_bsd_indent does (make check wants them so)
#   make install-test   install the extension ddb_test, which only tests want (test/run does it)
#
# Everything else is the usual PGXS: make, make install, make clean.
# PG_CONFIG=/usr/lib/postgresql/17/bin/pg_config builds for another server.

EXTENSION = ddb
MODULE_big = ddb
DATA = $(sort $(wildcard ddb--*.sql))

PG_CONFIG ?= /usr/lib/postgresql/15/bin/pg_config
export PG_CONFIG

GENERATED = src/expr/gram.tab.c src/expr/lexer.c
OBJS = $(sort $(patsubst %.c,%.o,$(wildcard src/*.c src/*/*.c) $(GENERATED)))

# Tests and CI take no warning.
ifeq ($(CI),true)
WERROR = -Werror
endif

PG_CPPFLAGS = -I$(CURDIR)/src -MMD -MP
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-clobbered $(WERROR) $(EXTRA_CFLAGS)
SHLIB_LINK += -ljansson -levent_core -lhttp_parser -lssl -lcrypto -lz
EXTRA_CLEAN = src/expr/gram.tab.c src/expr/gram.tab.h src/expr/lexer.c \
	$(OBJS:.o=.d) .build-flags .ddb-check

# Bitcode for JIT inlining would double the build and help nothing here.
override with_llvm = no

.DEFAULT_GOAL := all

# Goals that begin with nothing installed: they install what is missing and
# then call make again, which can include PGXS.
FRONT = deps demo check check-pg-upgrade check-regress check-isolation check-pgtap check-tap \
	check-clients check-fuzz check-asan check-valgrind fuzz soak browse differential \
	bench-core bench-http bench-stream bench-partiql bench-ttl indent
SANITIZERS = check-asan check-valgrind
CHECKS = $(filter-out check-pg-upgrade $(SANITIZERS),$(filter check-%,$(FRONT)))
.PHONY: $(FRONT) install-built install-test FORCE

JOBS := $(shell nproc 2>/dev/null || echo 1)
SUBMAKE = +@$(MAKE) --no-print-directory
PARALLEL = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS))

ifneq ($(filter $(FRONT),$(MAKECMDGOALS)),)

deps:
	@tools/deps.sh

demo: deps
	$(SUBMAKE) -s $(PARALLEL) install-built
	@examples/demo

check: deps
	@tools/indent --check
	$(SUBMAKE) $(PARALLEL) install-built WERROR=-Werror
	@tools/rooms
	@test/run

$(CHECKS): deps
	$(SUBMAKE) $(PARALLEL) install-built WERROR=-Werror
	@test/run $(@:check-%=%)

check-pg-upgrade: deps
	@test/upgrade/pg_upgrade $(ROOT)

$(SANITIZERS): deps
	@test/sanitize/run $(@:check-%=%) $(PARTS)

browse: deps
	$(SUBMAKE) $(PARALLEL) install-built
	@test/clients/admin/browse

fuzz: deps
	$(SUBMAKE) $(PARALLEL) install-built WERROR=-Werror
	@FUZZ_SECONDS=$(or $(FUZZ_SECONDS),3600) test/run fuzz

soak: deps
	$(SUBMAKE) $(PARALLEL) install-built WERROR=-Werror
	@test/soak/run --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED)) --keep .ddb-soak --verbose $(SOAK)

differential: deps
	$(SUBMAKE) $(PARALLEL) install-built
	@test/differential/run.mjs $(DIFFERENTIAL)

bench-core: deps
	$(SUBMAKE) $(PARALLEL) install-built
	@bench/core $(BENCH)

bench-http: deps
	$(SUBMAKE) $(PARALLEL) install-built
	@bench/http $(BENCH)

bench-stream: deps
	$(SUBMAKE) $(PARALLEL) install-built
	@bench/stream $(BENCH)

bench-partiql: deps
	$(SUBMAKE) $(PARALLEL) install-built
	@bench/partiql $(BENCH)

bench-ttl: deps
	$(SUBMAKE) $(PARALLEL) install-built
	@bench/ttl $(BENCH)

indent: deps
	@tools/indent

# Other goals named beside them.
$(filter-out $(FRONT),$(MAKECMDGOALS)):
	$(SUBMAKE) $@

else

PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))
ifeq ($(PGXS),)
all install install-built install-test clean:
	@echo "no PostgreSQL server headers at $(PG_CONFIG): run 'make deps', or set PG_CONFIG" >&2; exit 1
else
include $(PGXS)

# The expression language.  One run of bison makes both files; what flex and
# bison write is theirs, so a few warnings don't apply to it.

src/expr/gram.tab.c: src/expr/gram.y
	$(or $(BISON),bison) -Wall -Werror -d -o $@ $<

src/expr/gram.tab.h: src/expr/gram.tab.c
	@touch $@

src/expr/lexer.c: src/expr/lexer.l
	$(or $(FLEX),flex) -o $@ $<

src/expr/gram.tab.o src/expr/lexer.o src/expr/parse.o: src/expr/gram.tab.h
src/expr/gram.tab.o src/expr/lexer.o: CFLAGS += -Wno-unused-function -Wno-missing-prototypes \
	-Wno-declaration-after-statement

# Objects are rebuilt when flags or the server they are built for change, and
# when a header they include does.
BUILD_FLAGS := $(CC) $(CFLAGS) $(CPPFLAGS) $(VERSION)
.build-flags: FORCE
	@printf '%s\n' '$(BUILD_FLAGS)' | cmp -s - $@ || printf '%s\n' '$(BUILD_FLAGS)' > $@
$(OBJS): .build-flags
-include $(OBJS:.o=.d)

# Generated headers come before whatever may include them.
$(filter-out $(GENERATED:.c=.o),$(OBJS)): | $(GENERATED)

# install-built installs into the server's folders, through sudo when they are not ours.
install-built: all
	@if [ -w '$(pkglibdir)' ] && [ -w '$(datadir)/extension' ]; then \
		$(MAKE) --no-print-directory -s install; \
	else \
		sudo $(MAKE) --no-print-directory -s install PG_CONFIG='$(PG_CONFIG)' WERROR='$(WERROR)' \
			EXTRA_CFLAGS='$(EXTRA_CFLAGS)'; \
	fi

install-test:
	@$(if $(shell [ -w '$(datadir)/extension' ] && echo yes),,sudo) $(INSTALL_DATA) \
		$(wildcard test/extension/*) '$(datadir)/extension/'
endif

endif
