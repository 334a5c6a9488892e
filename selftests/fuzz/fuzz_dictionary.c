// SPDX-License-Identifier: GPL-2.0
/*
 * The dictionary: the first byte is the length of a key, the key follows, then
 * the dictionary.  A value written under a key comes back as it was.
 */
#include <stdlib.h>

#include "dictionary.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)
#define KEY_MAX 16

static void round_trip(const u8 *value, size_t len)
{
	size_t room = 2 * len + KEY_MAX;
	u8 *buf = malloc(room), *back = malloc(len + 1);
	struct kzt_wcur w = kzt_wcur(buf, room);
	struct kzt_dict d;

	CHECK(buf && back);
	kzt_dict_put_uint(&w, "n", len);
	w = kzt_wcur(buf, room);
	kzt_dict_put(&w, "val", value, len);
	CHECK(!w.bad);
	d = kzt_dict(buf, kzt_wcur_len(&w));
	CHECK(kzt_dict_get(&d, "val", back, len + 1) == (long)len);
	CHECK(!len || !memcmp(back, value, len));
	free(back);
	free(buf);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char key[KEY_MAX + 1] = "";
	u8 out[64];
	char text[8];
	const u8 *raw;
	size_t len, raw_len;
	struct kzt_dict d;
	long n;

	if (!size)
		return 0;
	len = min_t(size_t, data[0] % (KEY_MAX + 1), size - 1);
	memcpy(key, data + 1, len);
	d = kzt_dict(data + 1 + len, size - 1 - len);
	n = kzt_dict_get(&d, key, out, sizeof(out));
	CHECK(n >= KZT_DICT_ABSENT && n <= (long)sizeof(out));
	if (kzt_dict_find(&d, key, &raw, &raw_len)) {
		CHECK(raw >= d.p && raw + raw_len <= d.p + d.len);
		CHECK(n <= (long)raw_len);
	} else {
		CHECK(n == KZT_DICT_ABSENT);
		CHECK(kzt_dict_uint(&d, key, 0xdead) == 0xdead);
		CHECK(kzt_dict_bool(&d, key, true));
	}
	kzt_dict_text(&d, key, text, sizeof(text));
	CHECK(memchr(text, 0, sizeof(text)));
	round_trip(d.p, d.len);
	return 0;
}
