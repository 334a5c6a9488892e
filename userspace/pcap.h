/* SPDX-License-Identifier: GPL-2.0 */
/* Captures, in the old format and in pcapng, as tcpdump and Wireshark write them. */
#ifndef KZT_PCAP_H
#define KZT_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define KZT_PCAP_SNAPLEN 262144
#define KZT_PCAP_INTERFACES 64

/* Link types that are understood (www.tcpdump.org/linktypes.html) */
enum {
	KZT_LINK_ETHERNET = 1,
	KZT_LINK_RAW = 101,
	KZT_LINK_SLL = 113,
	KZT_LINK_IPV4 = 228,
	KZT_LINK_IPV6 = 229,
	KZT_LINK_SLL2 = 276,
};

/**
 * struct kzt_pcap - a capture that is being read
 * @link: link type of the packet that was read last
 * @time_us: when it was captured, since the epoch; 0 if the file does not say
 * @len: bytes in @data
 * @wire_len: bytes that the packet had
 * @err: why reading ended early, or NULL
 */
struct kzt_pcap {
	FILE *f;
	bool swap, ng, nano;
	unsigned int n_links;
	uint16_t links[KZT_PCAP_INTERFACES];
	uint64_t ticks[KZT_PCAP_INTERFACES];	/* a second */
	uint32_t link;
	uint64_t time_us;
	size_t len, wire_len;
	const char *err;
	uint8_t data[KZT_PCAP_SNAPLEN + 64];
};

/* NULL with a sentence on stderr; free with kzt_pcap_close() */
struct kzt_pcap *kzt_pcap_open(const char *file);
void kzt_pcap_close(struct kzt_pcap *p);
/* The next packet; false at the end, or with @err set */
bool kzt_pcap_next(struct kzt_pcap *p);
/* The IP packet inside, or NULL; its length in @len */
const uint8_t *kzt_pcap_ip(const struct kzt_pcap *p, size_t *len);

#endif /* KZT_PCAP_H */
