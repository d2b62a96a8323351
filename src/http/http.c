/*
 * http.c
 *	  Small things that both sides of the endpoint need: header lookup, request
 *	  identifiers, a clock.
 */
#include "http/http.h"

#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#ifdef POSTGRES_H
#error "the event loop must not see PostgreSQL's headers"
#endif

/*
 * ddb_http_header finds a header by its name, in any case; NULL when there is
 * none.
 */
const char *
ddb_http_header(const DdbHttpRequest *request, const char *name)
{
	int			i;

	for (i = 0; i < request->nheaders; i++)
	{
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	}
	return NULL;
}

/*
 * ddb_http_target_path is a request's target from its path on.
 */
const char *
ddb_http_target_path(const DdbHttpRequest *request)
{
	const char *target = request->target;

	if (strncasecmp(target, "http://", 7) == 0)
		target += 7;
	else if (strncasecmp(target, "https://", 8) == 0)
		target += 8;
	else
		return target;
	return target + strcspn(target, "/?#");
}

/*
 * ddb_http_now_us is a monotonic clock in microseconds.
 */
int64_t
ddb_http_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/*
 * next_random is the splitmix64 generator, seeded by the kernel once in each
 * process.  Request identifiers must be unique, not secret.
 */
static uint64_t
next_random(void)
{
	static uint64_t state;
	static pid_t seeded_by;
	uint64_t	z;

	if (seeded_by != getpid())
	{
		if (getrandom(&state, sizeof(state), 0) != sizeof(state))
			state = (uint64_t) ddb_http_now_us() ^ ((uint64_t) getpid() << 40);
		seeded_by = getpid();
	}
	z = (state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/*
 * ddb_http_make_id makes a request identifier: 52 characters of 0-9A-Z, as the
 * service's are.
 */
void
ddb_http_make_id(char id[53])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	uint64_t	bits = 0;
	int			i;

	for (i = 0; i < 52; i++)
	{
		if (i % 12 == 0)
			bits = next_random();
		id[i] = digits[bits % 36];
		bits /= 36;
	}
	id[52] = '\0';
}
