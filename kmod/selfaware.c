// SPDX-License-Identifier: GPL-2.0
/* Pure: where others see us, and the ports that a symmetric NAT may use next. */
#include "gate.h"
#include "selfaware.h"

#define PORT_FIRST	1024
#define PORTS		64511	/* 1024 to 65534; 65535 wraps to 1025 */

/* Which of two gives way first: free, then untrusted, then old */
static bool is_worse(const struct kzt_surface *a, const struct kzt_surface *b)
{
	if (!a->when || !b->when)
		return b->when;
	if (a->trusted != b->trusted)
		return b->trusted;
	return a->when < b->when;
}

/* The entry of a key; a new one is empty */
static struct kzt_surface *entry_of(struct kzt_surface_table *t,
				    const struct kzt_surface *key)
{
	struct kzt_surface *s, *worst = &t->s[0];

	for (s = t->s; s < t->s + KZT_SURFACES_MAX; s++) {
		if (s->when && s->reporter == key->reporter &&
		    s->scope == key->scope && s->socket == key->socket &&
		    kzt_inetaddr_equal(&s->from, &key->from))
			return s;
		if (is_worse(s, worst))
			worst = s;
	}
	memset(worst, 0, sizeof(*worst));
	return worst;
}

/**
 * kzt_surface_report() - a peer says where it sees us
 * @t: table
 * @news: the report; its scope is set here
 *
 * When the table is full, the oldest report gives way, those of upstreams last.
 * When our address changed, what others than this endpoint said of the scope was
 * of the old network, and is forgotten.
 *
 * Implements: spec 3, 3.13.2.
 * Return: true if our address in this scope and family changed.
 */
bool kzt_surface_report(struct kzt_surface_table *t,
			const struct kzt_surface *news)
{
	enum kzt_scope scope = kzt_inetaddr_scope(&news->at);
	struct kzt_surface now = *news, *s;
	bool moved;

	if (scope != kzt_inetaddr_scope(&news->from) ||
	    scope == KZT_SCOPE_NONE || scope == KZT_SCOPE_LOOPBACK ||
	    scope == KZT_SCOPE_MULTICAST)
		return false;
	now.scope = scope;
	s = entry_of(t, &now);
	moved = news->trusted && s->when &&
		news->when - s->when < KZT_SURFACE_MS &&
		!kzt_inetaddr_same_ip(&s->at, &news->at);
	*s = now;
	if (!moved)
		return false;
	for (s = t->s; s < t->s + KZT_SURFACES_MAX; s++)
		if (s->when && s->scope == scope &&
		    !kzt_inetaddr_equal(&s->from, &news->from))
			memset(s, 0, sizeof(*s));
	return true;
}

/**
 * kzt_surface_clean() - forget what was not said again
 * @t: table
 * @now: time
 *
 * Implements: spec 3, 3.13.3.
 */
void kzt_surface_clean(struct kzt_surface_table *t, u64 now)
{
	struct kzt_surface *s;

	for (s = t->s; s < t->s + KZT_SURFACES_MAX; s++)
		if (s->when && kzt_age_ms(now, s->when) >= KZT_SURFACE_MS)
			memset(s, 0, sizeof(*s));
}

static bool is_global4(const struct kzt_surface *s)
{
	return s->when && s->at.family == KZT_AF_INET &&
	       s->scope == KZT_SCOPE_GLOBAL;
}

static bool has(const struct kzt_inetaddr *list, unsigned int n,
		const struct kzt_inetaddr *a)
{
	while (n--)
		if (kzt_inetaddr_equal(&list[n], a))
			return true;
	return false;
}

/* The order of the reference: its hosts are little-endian */
static bool ip_less(const struct kzt_inetaddr *a, const struct kzt_inetaddr *b)
{
	return get_unaligned_le32(a->ip) < get_unaligned_le32(b->ip);
}

/*
 * Addresses that upstreams see, sorted, each with the greatest port that anybody
 * saw; none unless upstreams see more than one surface.
 */
static unsigned int candidates(const struct kzt_surface_table *t,
			       struct kzt_inetaddr ip[KZT_PREDICT_MAX / 2])
{
	const struct kzt_surface *s, *first = NULL;
	unsigned int n = 0, i, k;
	bool symmetric = false;

	for (s = t->s; s < t->s + KZT_SURFACES_MAX; s++) {
		if (!is_global4(s) || !s->trusted)
			continue;
		if (!first)
			first = s;
		symmetric |= !kzt_inetaddr_equal(&s->at, &first->at);
		for (i = 0; i < n && !kzt_inetaddr_same_ip(&ip[i], &s->at); i++)
			;
		if (i < n || n == KZT_PREDICT_MAX / 2)
			continue;
		for (i = 0; i < n && ip_less(&ip[i], &s->at); i++)
			;
		for (k = n++; k > i; k--)
			ip[k] = ip[k - 1];
		ip[i] = s->at;
	}
	for (i = 0; i < n; i++)
		for (s = t->s; s < t->s + KZT_SURFACES_MAX; s++)
			if (is_global4(s) && kzt_inetaddr_same_ip(&ip[i], &s->at))
				ip[i].port = max(ip[i].port, s->at.port);
	return symmetric ? n : 0;
}

/**
 * kzt_surface_predict() - endpoints that a symmetric NAT may use for us next
 * @t: table
 * @draw: random numbers
 * @out: filled: for each address the port behind the greatest seen, then any
 *
 * Implements: spec 3, 3.13.4.
 * Return: how many; 0 if no such NAT is seen.
 */
unsigned int kzt_surface_predict(const struct kzt_surface_table *t,
				 const u32 draw[KZT_PREDICT_MAX / 2],
				 struct kzt_inetaddr out[KZT_PREDICT_MAX])
{
	struct kzt_inetaddr ip[KZT_PREDICT_MAX / 2], a;
	unsigned int n = candidates(t, ip), i, len = 0;

	for (i = 0; i < n; i++) {
		a = ip[i];
		a.port = a.port == U16_MAX ? PORT_FIRST + 1 : a.port + 1;
		if (!has(out, len, &a))
			out[len++] = a;
	}
	for (i = 0; i < n; i++) {
		a = ip[i];
		a.port = PORT_FIRST + draw[i] % PORTS;
		if (!has(out, len, &a))
			out[len++] = a;
	}
	return len;
}
