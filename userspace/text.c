// SPDX-License-Identifier: GPL-2.0
/* Endpoints and bytes as text, for kzt and kztd. */
#include "out.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kzt_text_sockaddr(const struct sockaddr *sa, size_t len, char *out,
		       size_t room)
{
	char ip[INET6_ADDRSTRLEN], scope[IF_NAMESIZE + 1] = "";
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	snprintf(out, room, "unknown");
	if (len >= sizeof(in) && sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		inet_ntop(AF_INET, &in.sin_addr, ip, sizeof(ip));
		snprintf(out, room, "%s:%u", ip, ntohs(in.sin_port));
	} else if (len >= sizeof(in6) && sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		inet_ntop(AF_INET6, &in6.sin6_addr, ip, sizeof(ip));
		if (in6.sin6_scope_id) {
			scope[0] = '%';
			if (!if_indextoname(in6.sin6_scope_id, scope + 1))
				snprintf(scope + 1, IF_NAMESIZE, "%u",
					 in6.sin6_scope_id);
		}
		snprintf(out, room, "[%s%s]:%u", ip, scope,
			 ntohs(in6.sin6_port));
	}
}

int kzt_text_hex(const char *hex, uint8_t *out, size_t max, size_t *len)
{
	size_t n = strlen(hex), i;

	if (n % 2 || strspn(hex, "0123456789abcdefABCDEF") != n)
		return -EINVAL;
	if (n / 2 > max)
		return -E2BIG;
	for (i = 0; i < n / 2; i++) {
		const char byte[] = { hex[2 * i], hex[2 * i + 1], '\0' };

		out[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
	*len = n / 2;
	return 0;
}

void kzt_text_clean(char *text, size_t len)
{
	unsigned char *p = (unsigned char *)text, *end = p + len;

	for (; p < end; p++)
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		else if (*p == 0xc2 && p + 1 < end && p[1] >= 0x80 && p[1] < 0xa0)
			p[0] = p[1] = '?';	/* the same in UTF-8 */
}

void kzt_text_prefix(const struct kzt_out_prefix *p, char *out, size_t room)
{
	char ip[INET6_ADDRSTRLEN];

	inet_ntop(p->family, p->ip, ip, sizeof(ip));
	snprintf(out, room, "%s/%u", ip, p->len);
}

const char *kzt_text_endpoint(const char *text, char out[KZT_ENDPOINT_MAX])
{
	const char *colon = strrchr(text, ':');
	int skip = *text == '[';

	if (!colon || colon == text)
		snprintf(out, KZT_ENDPOINT_MAX, "%s", text);
	else
		snprintf(out, KZT_ENDPOINT_MAX, "%.*s/%s",
			 (int)(colon - text - 2 * skip), text + skip, colon + 1);
	return out;
}
