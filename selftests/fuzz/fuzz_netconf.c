// SPDX-License-Identifier: GPL-2.0
/*
 * Network configurations.  What can be read can be written, and what that
 * makes reads and writes the same.
 */
#include <stdlib.h>

#include "netconf.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

static struct kzt_config conf;

/* Octets written, into @out; 0 if it cannot be read */
static size_t again(const u8 *dict, size_t len, u8 *out, size_t room)
{
	u8 *scratch = malloc(len ?: 1);
	const char *why = NULL;
	int n;

	CHECK(scratch);
	n = kzt_config_decode(&conf, dict, len, scratch, len, &why);
	CHECK(!n == !why);
	if (!n) {
		CHECK(conf.n_rules <= KZT_CONFIG_MAX_RULES);
		CHECK(conf.mtu >= KZT_CONFIG_MTU_MIN &&
		      conf.mtu <= KZT_CONFIG_MTU_MAX);
		CHECK(memchr(conf.name, 0, sizeof(conf.name)));
		CHECK(memchr(conf.dns_domain, 0, sizeof(conf.dns_domain)));
		n = kzt_config_encode(&conf, out, room);
		CHECK(n > 0);
	} else {
		n = 0;
	}
	free(scratch);
	return (size_t)n;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 first[KZT_CONFIG_MAX_LEN], second[KZT_CONFIG_MAX_LEN];
	size_t n;

	if (size > 65536)
		return 0;
	n = again(data, size, first, sizeof(first));
	if (!n)
		return 0;
	CHECK(again(first, n, second, sizeof(second)) == n);
	CHECK(!memcmp(first, second, n));
	return 0;
}
