/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses as people write them; false for what is none. */
#ifndef KZT_WORDS_H
#define KZT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* A prefix as in netlink */
struct kzt_out_prefix {
	uint8_t family;		/* AF_INET or AF_INET6 */
	uint8_t len;
	uint8_t ip[16];
};

/* IP/PORT, also IP:PORT and [IP6]:PORT */
bool kzt_parse_endpoint(const char *word, struct sockaddr_storage *ss, size_t *len);
/* IP/LENGTH or IP, with the bits behind the length */
bool kzt_parse_address(const char *word, struct kzt_out_prefix *p);
/* Clear the bits behind the length */
void kzt_prefix_cut(struct kzt_out_prefix *p);
/* Is an endpoint inside a prefix, whose own bits behind the length are clear */
bool kzt_prefix_holds(const struct kzt_out_prefix *p, const struct sockaddr_storage *ss);
/* As kzt_parse_address(), with those cleared */
bool kzt_parse_prefix(const char *word, struct kzt_out_prefix *p);

#endif /* KZT_WORDS_H */
