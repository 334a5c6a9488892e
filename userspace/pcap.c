// SPDX-License-Identifier: GPL-2.0
/* Captures, in the old format and in pcapng. */
#include "pcap.h"
#include "kzt.h"
#include <byteswap.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC_US 0xa1b2c3d4u
#define MAGIC_NS 0xa1b23c4du
#define NG_SECTION 0x0a0d0d0au
#define NG_ORDER 0x1a2b3c4du
#define NG_INTERFACE 1u
#define NG_SIMPLE 3u
#define NG_ENHANCED 6u
#define NG_OPTION_TSRESOL 9

static uint32_t u32_of(const struct kzt_pcap *p, const void *from)
{
	uint32_t v;

	memcpy(&v, from, sizeof(v));
	return p->swap ? bswap_32(v) : v;
}

static uint16_t u16_of(const struct kzt_pcap *p, const void *from)
{
	uint16_t v;

	memcpy(&v, from, sizeof(v));
	return p->swap ? bswap_16(v) : v;
}

/* False at the end of the file: in the middle of something that is an error */
static bool take(struct kzt_pcap *p, void *to, size_t len)
{
	size_t n = fread(to, 1, len, p->f);

	if (n == len)
		return true;
	if (n || ferror(p->f))
		p->err = "the capture is cut off";
	return false;
}

static bool broken(struct kzt_pcap *p, const char *why)
{
	p->err = why;
	return false;
}

/* --- the old format ---------------------------------------------------------------- */

static bool old_begin(struct kzt_pcap *p, const uint8_t magic[4])
{
	uint8_t rest[20];
	uint32_t v;

	memcpy(&v, magic, 4);
	p->swap = v == bswap_32(MAGIC_US) || v == bswap_32(MAGIC_NS);
	v = u32_of(p, magic);
	if (v != MAGIC_US && v != MAGIC_NS)
		return broken(p, "not a capture (pcap or pcapng)");
	p->nano = v == MAGIC_NS;
	if (!take(p, rest, sizeof(rest)))
		return broken(p, "the capture is cut off");
	p->link = u32_of(p, rest + 16) & 0xffff;
	return true;
}

static bool old_next(struct kzt_pcap *p)
{
	uint8_t head[16];
	uint32_t sub;

	if (!take(p, head, sizeof(head)))
		return false;
	sub = u32_of(p, head + 4);
	p->time_us = (uint64_t)u32_of(p, head) * 1000000 + (p->nano ? sub / 1000 : sub);
	p->len = u32_of(p, head + 8);
	p->wire_len = u32_of(p, head + 12);
	if (p->len > KZT_PCAP_SNAPLEN)
		return broken(p, "a packet of the capture is too long");
	if (!take(p, p->data, p->len))
		return broken(p, "the capture is cut off");
	return true;
}

/* --- pcapng -------------------------------------------------------------------------- */

/* The rest of a section header, whose first 8 bytes were read */
static bool ng_section(struct kzt_pcap *p, const uint8_t *head)
{
	uint8_t order[4];
	uint32_t v, len;

	if (!take(p, order, 4))
		return broken(p, "the capture is cut off");
	memcpy(&v, order, 4);
	p->swap = v == bswap_32(NG_ORDER);
	if (u32_of(p, order) != NG_ORDER)
		return broken(p, "the capture has no byte order");
	len = u32_of(p, head + 4);
	if (len < 28 || len > KZT_PCAP_SNAPLEN || len % 4 ||
	    !take(p, p->data, len - 12))
		return broken(p, "the capture has a malformed section");
	p->n_links = 0;
	return true;
}

static uint64_t ng_ticks(const struct kzt_pcap *p, const uint8_t *opt, size_t len)
{
	uint64_t ticks = 1000000, n;
	unsigned int i;

	while (len >= 4) {
		uint16_t code = u16_of(p, opt), bytes = u16_of(p, opt + 2);

		if (!code || bytes > len - 4)
			break;
		if (code == NG_OPTION_TSRESOL && bytes) {
			n = opt[4] & 0x7f;
			if (opt[4] & 0x80)
				return n < 63 ? 1ull << n : ticks;
			for (ticks = 1, i = 0; i < n && i < 18; i++)
				ticks *= 10;
			return ticks;
		}
		n = 4 + ((size_t)bytes + 3) / 4 * 4;
		if (n > len)
			break;
		opt += n;
		len -= n;
	}
	return ticks;
}

static void ng_interface(struct kzt_pcap *p, const uint8_t *body, size_t len)
{
	if (len < 8 || p->n_links == KZT_PCAP_INTERFACES)
		return;
	p->links[p->n_links] = u16_of(p, body);
	p->ticks[p->n_links] = ng_ticks(p, body + 8, len - 8);
	p->n_links++;
}

static bool ng_packet(struct kzt_pcap *p, size_t len)
{
	uint64_t ts, ticks;
	uint32_t iface;

	if (len < 20)
		return broken(p, "the capture has a malformed packet");
	iface = u32_of(p, p->data);
	ts = (uint64_t)u32_of(p, p->data + 4) << 32 | u32_of(p, p->data + 8);
	p->len = u32_of(p, p->data + 12);
	p->wire_len = u32_of(p, p->data + 16);
	if (iface >= p->n_links || p->len > len - 20)
		return broken(p, "the capture has a malformed packet");
	p->link = p->links[iface];
	ticks = p->ticks[iface];
	p->time_us = ts / ticks * 1000000 +
		     (uint64_t)((double)(ts % ticks) * 1e6 / (double)ticks);
	memmove(p->data, p->data + 20, p->len);
	return true;
}

static bool ng_simple(struct kzt_pcap *p, size_t len)
{
	if (len < 4 || !p->n_links)
		return broken(p, "the capture has a malformed packet");
	p->wire_len = u32_of(p, p->data);
	p->len = p->wire_len < len - 4 ? p->wire_len : len - 4;
	p->link = p->links[0];
	p->time_us = 0;
	memmove(p->data, p->data + 4, p->len);
	return true;
}

static bool ng_next(struct kzt_pcap *p)
{
	uint8_t head[8];

	while (take(p, head, sizeof(head))) {
		uint32_t type = u32_of(p, head), len = u32_of(p, head + 4);

		if (type == NG_SECTION) {
			if (!ng_section(p, head))
				return false;
			continue;
		}
		if (len < 12 || len % 4 || len > sizeof(p->data))
			return broken(p, "the capture has a malformed block");
		if (!take(p, p->data, len - 8))
			return broken(p, "the capture is cut off");
		len -= 12;	/* the length stands at the end again */
		if (type == NG_INTERFACE)
			ng_interface(p, p->data, len);
		else if (type == NG_ENHANCED)
			return ng_packet(p, len);
		else if (type == NG_SIMPLE)
			return ng_simple(p, len);
	}
	return false;
}

/* --- both ---------------------------------------------------------------------------- */

struct kzt_pcap *kzt_pcap_open(const char *file)
{
	struct kzt_pcap *p = calloc(1, sizeof(*p));
	uint8_t head[8];

	if (!p) {
		kzt_fail("no memory");
		return NULL;
	}
	p->f = strcmp(file, "-") ? fopen(file, "re") : stdin;
	if (!p->f) {
		kzt_fail("%s: %s", file, strerror(errno));
		free(p);
		return NULL;
	}
	if (!take(p, head, 4)) {
		p->err = "not a capture (pcap or pcapng)";
	} else if (u32_of(p, head) == NG_SECTION) {
		p->ng = true;
		if (take(p, head + 4, 4))
			ng_section(p, head);
	} else {
		old_begin(p, head);
	}
	if (!p->err)
		return p;
	kzt_fail("%s: %s", file, p->err);
	kzt_pcap_close(p);
	return NULL;
}

void kzt_pcap_close(struct kzt_pcap *p)
{
	if (p->f != stdin)
		fclose(p->f);
	free(p);
}

bool kzt_pcap_next(struct kzt_pcap *p)
{
	return p->ng ? ng_next(p) : old_next(p);
}

const uint8_t *kzt_pcap_ip(const struct kzt_pcap *p, size_t *len)
{
	size_t off = 0, at = 0;
	uint16_t type;

	switch (p->link) {
	case KZT_LINK_ETHERNET:
		off = 14;
		at = 12;
		if (p->len >= 18 && p->data[12] == 0x81 && !p->data[13])
			off = 18, at = 16;
		break;
	case KZT_LINK_SLL:
		off = 16;
		at = 14;
		break;
	case KZT_LINK_SLL2:
		off = 20;
		break;
	case KZT_LINK_RAW:
	case KZT_LINK_IPV4:
	case KZT_LINK_IPV6:
		*len = p->len;
		return p->data;
	default:
		return NULL;
	}
	if (p->len < off)
		return NULL;
	type = (uint16_t)(p->data[at] << 8 | p->data[at + 1]);
	if (type != 0x0800 && type != 0x86dd)
		return NULL;
	*len = p->len - off;
	return p->data + off;
}
