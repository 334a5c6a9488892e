// SPDX-License-Identifier: GPL-2.0
/*
 * Worlds: what can be read has a canonical form that is read the same, within
 * the limits that callers size their buffers by.
 */
#include <stdlib.h>

#include "world.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct kzt_world world, again;
	static u8 first[KZT_WORLD_MAX_LEN], second[KZT_WORLD_MAX_LEN];
	struct kzt_wcur a = kzt_wcur(first, sizeof(first)), b, s;
	struct kzt_cur c = kzt_cur(data, size);
	int ret = kzt_world_get(&c, &world);

	CHECK(!!ret == c.bad);
	if (ret)
		return 0;
	CHECK(world.n_roots <= KZT_WORLD_MAX_ROOTS);
	kzt_world_put(&a, &world);
	CHECK(!a.bad && (size_t)(c.p - data) >= kzt_wcur_len(&a));

	c = kzt_cur(first, kzt_wcur_len(&a));
	CHECK(!kzt_world_get(&c, &again) && !kzt_cur_left(&c));
	b = kzt_wcur(second, sizeof(second));
	kzt_world_put(&b, &again);
	CHECK(kzt_wcur_len(&a) == kzt_wcur_len(&b) &&
	      !memcmp(first, second, kzt_wcur_len(&a)));

	s = kzt_wcur(second, KZT_WORLD_SIGNED_MAX);
	kzt_world_put_signed(&s, &world);
	CHECK(!s.bad && kzt_wcur_len(&s) ==
			kzt_wcur_len(&a) - KZT_WORLD_SIG_LEN + 16);
	CHECK(kzt_world_succession(&world, &again) != KZT_WORLD_VERIFY);
	return 0;
}
