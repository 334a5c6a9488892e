// SPDX-License-Identifier: GPL-2.0
/*
 * Verbs: the first byte is the verb, the rest the payload.  What can be parsed is
 * built, and what was built parses and builds the same again.  Frames have flows.
 */
#include <stdlib.h>

#include "../unit/verbcheck.h"

#include "flow.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

/* HELLO is written out in full, credentials get their trailer. */
#define ROOM (KZT_MAX_PACKET + 64)

/* Builders leave these with nothing that parsers would call a packet. */
static bool is_hollow(const u8 *pkt, size_t len)
{
	switch (kzt_packet_verb(pkt)) {
	case KZT_VERB_EXT_FRAME:
		return len <= KZT_HDR_LEN + KZT_EXT_FRAME_HDR_LEN;
	case KZT_VERB_QOS_MEASUREMENT:
		return len == KZT_HDR_LEN;
	default:
		return false;
	}
}

static void check_tail(const u8 *pkt, size_t len)
{
	struct kzt_hello_tail t;
	struct kzt_hello_moon m;
	struct kzt_hello h;
	unsigned int i;
	int ret = kzt_hello_parse(pkt, len, &h);

	if (ret || !h.tail_off)
		return;
	CHECK(h.tail_off < len);
	if (kzt_hello_tail_parse(pkt + h.tail_off, len - h.tail_off, &t))
		return;
	for (i = 0; i < t.n; i++)
		kzt_hello_tail_moon(&t, i, &m);
}

static u8 *packet(const u8 *data, size_t size)
{
	u8 *pkt = malloc(KZT_HDR_LEN - 1 + size);

	if (!pkt)
		abort();
	kzt_packet_init(pkt, 1, 0x8ec4bf85d7ULL, 0x430503a02eULL, data[0]);
	memcpy(pkt + KZT_HDR_LEN, data + 1, size - 1);
	return pkt;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 first[ROOM], second[ROOM];
	struct kzt_wcur a = kzt_wcur(first, ROOM), b = kzt_wcur(second, ROOM);
	size_t len, upto;
	u32 hash;
	u8 *pkt;

	if (!size || size > KZT_MAX_PAYLOAD + 1)
		return 0;
	len = KZT_HDR_LEN - 1 + size;
	pkt = packet(data, size);
	kzt_flow_hash(pkt, len, &hash);
	if (kzt_packet_verb(pkt) == KZT_VERB_HELLO) {
		if (len >= KZT_HDR_LEN + 18)	/* let it claim to be the source */
			memcpy(pkt + KZT_OFF_SRC, pkt + KZT_HDR_LEN + 13, 5);
		check_tail(pkt, len);
	}
	if (verbcheck_rebuild(pkt, len, &a, &upto)) {
		CHECK(!a.bad && upto <= len);
		len = kzt_wcur_len(&a);
		if (!is_hollow(first, len)) {
			CHECK(verbcheck_rebuild(first, len, &b, &upto));
			CHECK(!b.bad && len == kzt_wcur_len(&b));
			CHECK(!memcmp(first, second, len));
		}
	}
	free(pkt);
	return 0;
}
