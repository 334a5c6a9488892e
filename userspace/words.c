// SPDX-License-Identifier: GPL-2.0
/* Addresses as people write them. */
#include "words.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

/* Split IP/PORT, IP:PORT, [IP6]:PORT; @word is not changed */
static const char *split_port(const char *word, char *ip, size_t room)
{
	const char *sep = strrchr(word, '/');
	size_t len;

	if (!sep)
		sep = strrchr(word, ':');
	if (!sep || sep == word)
		return NULL;
	len = (size_t)(sep - word);
	if (*sep == ':' && *word != '[' && memchr(word, ':', len))
		return NULL;	/* which colon? */
	if (*word == '[') {
		if (sep[-1] != ']')
			return NULL;
		word++;
		len -= 2;
	}
	if (len >= room)
		return NULL;
	memcpy(ip, word, len);
	ip[len] = 0;
	return sep + 1;
}

bool kzt_parse_endpoint(const char *word, struct sockaddr_storage *ss,
			size_t *len)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	char ip[INET6_ADDRSTRLEN + IF_NAMESIZE + 1], *scope, *end;
	const char *port = split_port(word, ip, sizeof(ip));
	unsigned long n;

	memset(ss, 0, sizeof(*ss));
	if (!port || *port < '0' || *port > '9')
		return false;
	n = strtoul(port, &end, 10);
	if (*end || !n || n > 65535)
		return false;
	scope = strchr(ip, '%');
	if (scope)
		*scope++ = 0;
	if (!scope && inet_pton(AF_INET, ip, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)n);
		*len = sizeof(*in);
		return true;
	}
	if (inet_pton(AF_INET6, ip, &in6->sin6_addr) != 1)
		return false;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)n);
	in6->sin6_scope_id = scope ? if_nametoindex(scope) : 0;
	*len = sizeof(*in6);
	return !scope || in6->sin6_scope_id;
}

bool kzt_parse_address(const char *word, struct kzt_out_prefix *p)
{
	char ip[INET6_ADDRSTRLEN + 1], *end;
	const char *slash = strchrnul(word, '/');
	unsigned int bits;
	unsigned long len;

	memset(p, 0, sizeof(*p));
	if ((size_t)(slash - word) >= sizeof(ip))
		return false;
	memcpy(ip, word, (size_t)(slash - word));
	ip[slash - word] = 0;
	if (inet_pton(AF_INET, ip, p->ip) == 1)
		p->family = AF_INET;
	else if (inet_pton(AF_INET6, ip, p->ip) == 1)
		p->family = AF_INET6;
	else
		return false;
	bits = p->family == AF_INET ? 32 : 128;
	len = bits;
	if (*slash) {
		if (slash[1] < '0' || slash[1] > '9')
			return false;
		len = strtoul(slash + 1, &end, 10);
		if (*end || len > bits)
			return false;
	}
	p->len = (uint8_t)len;
	return true;
}

void kzt_prefix_cut(struct kzt_out_prefix *p)
{
	unsigned int i;

	for (i = p->len; i < (p->family == AF_INET ? 32u : 128u); i++)
		p->ip[i / 8] &= (uint8_t)~(0x80 >> (i % 8));
}

bool kzt_prefix_holds(const struct kzt_out_prefix *p, const struct sockaddr_storage *ss)
{
	struct kzt_out_prefix at = *p;

	if (p->family != ss->ss_family)
		return false;
	if (p->family == AF_INET)
		memcpy(at.ip, &((const struct sockaddr_in *)ss)->sin_addr, 4);
	else
		memcpy(at.ip, &((const struct sockaddr_in6 *)ss)->sin6_addr, 16);
	kzt_prefix_cut(&at);
	return !memcmp(at.ip, p->ip, sizeof(at.ip));
}

bool kzt_parse_prefix(const char *word, struct kzt_out_prefix *p)
{
	if (!kzt_parse_address(word, p))
		return false;
	kzt_prefix_cut(p);
	return true;
}
