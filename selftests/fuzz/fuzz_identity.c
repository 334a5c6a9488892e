// SPDX-License-Identifier: GPL-2.0
/*
 * Identities: what can be read, binary or text, is written back and read the
 * same.
 */
#include <stdlib.h>

#include "identity.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

static void check_binary(const u8 *data, size_t size)
{
	struct kzt_cur c = kzt_cur(data, size);
	u8 buf[KZT_IDENTITY_LEN];
	struct kzt_wcur w = kzt_wcur(buf, sizeof(buf));
	struct kzt_identity id, again;
	int ret = kzt_identity_get(&c, &id);

	CHECK((ret < 0) == c.bad);
	if (ret < 0)
		return;
	CHECK(c.p - data == (ret ? KZT_IDENTITY_SECRET_LEN : KZT_IDENTITY_LEN));
	kzt_identity_put(&w, &id);
	CHECK(kzt_wcur_result(&w) == KZT_IDENTITY_LEN);
	CHECK(!memcmp(buf, data, KZT_IDENTITY_LEN - 1));
	c = kzt_cur(buf, sizeof(buf));
	CHECK(!kzt_identity_get(&c, &again) && kzt_identity_equal(&id, &again));
}

static void check_text(const char *text, size_t size)
{
	char out[KZT_IDENTITY_TEXT_BUF];
	struct kzt_identity id, again;
	u8 secret[64], secret2[64];
	const char *why = NULL;
	bool has, has2;
	int n;

	if (kzt_identity_from_text(text, size, &id, secret, &has, &why)) {
		CHECK(why && !has);
		return;
	}
	CHECK(kzt_addr_valid(id.address));
	n = kzt_identity_to_text(out, &id, has ? secret : NULL);
	CHECK(n == (has ? KZT_IDENTITY_SECRET_TEXT_LEN : KZT_IDENTITY_TEXT_LEN));
	CHECK(!kzt_identity_from_text(out, n, &again, secret2, &has2, NULL));
	CHECK(has == has2 && kzt_identity_equal(&id, &again));
	CHECK(!memcmp(secret, secret2, sizeof(secret)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	check_binary(data, size);
	check_text((const char *)data, size);
	return 0;
}
