// SPDX-License-Identifier: GPL-2.0
/*
 * Compression: every byte of the output comes from the input, never from what was
 * in the buffer, and what was compressed comes back.  The first two bytes are the
 * room for the output.
 */
#include <stdlib.h>

#include "lz4.h"
#include "packet.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

static void check_decompress(const u8 *data, size_t size, size_t room)
{
	u8 *a = malloc(room ?: 1), *b = malloc(room ?: 1);
	int n, m;

	if (!a || !b)
		abort();
	memset(a, 0x00, room);
	memset(b, 0xff, room);
	n = kzt_lz4_decompress(data, size, a, room);
	m = kzt_lz4_decompress(data, size, b, room);
	CHECK(n == m);
	CHECK(n == -EBADMSG || (n > 0 && (size_t)n <= room &&
				n <= KZT_MAX_PAYLOAD && !memcmp(a, b, n)));
	free(a);
	free(b);
}

static void check_compress(const u8 *data, size_t size)
{
	static u8 packed[KZT_MAX_PAYLOAD], back[KZT_MAX_PAYLOAD];
	int n = kzt_lz4_compress(data, size, packed, sizeof(packed), NULL);

	CHECK(n >= 0 && (!n || ((size_t)n < size &&
				size >= KZT_LZ4_MIN_PAYLOAD)));
	if (!n)
		return;
	CHECK(kzt_lz4_decompress(packed, n, back, sizeof(back)) == (int)size);
	CHECK(!memcmp(back, data, size));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	if (size < 2)
		return 0;
	check_decompress(data + 2, size - 2,
			 get_unaligned_be16(data) % (KZT_MAX_PAYLOAD + 100));
	check_compress(data + 2, size - 2);
	return 0;
}
