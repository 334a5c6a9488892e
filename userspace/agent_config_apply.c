// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses and routes of a configuration, as far as the local switches let
 * them (spec 4.6.5).  What is set carries our protocol number, and nothing that
 * does not is ever removed.
 */
#include "agent_config.h"
#include "address.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct kzt_inetaddr inetaddr_of(const struct agent_prefix *p)
{
	struct kzt_inetaddr a = {
		.family = p->family == AF_INET ? KZT_AF_INET : KZT_AF_INET6,
		.port = p->len,
	};

	memcpy(a.ip, p->ip, p->family == AF_INET ? 4 : 16);
	return a;
}

static bool prefix_of(const struct kzt_inetaddr *a, struct agent_prefix *p)
{
	memset(p, 0, sizeof(*p));
	if (a->family == KZT_AF_INET && a->port <= 32)
		p->family = AF_INET;
	else if (a->family == KZT_AF_INET6 && a->port <= 128)
		p->family = AF_INET6;
	else
		return false;
	p->len = (uint8_t)a->port;
	memcpy(p->ip, a->ip, p->family == AF_INET ? 4 : 16);
	return true;
}

static bool scope_allowed(const struct agent_network *nw,
			  const struct kzt_inetaddr *a)
{
	switch (kzt_inetaddr_scope(a)) {
	case KZT_SCOPE_NONE:
	case KZT_SCOPE_MULTICAST:
	case KZT_SCOPE_LOOPBACK:
	case KZT_SCOPE_LINK_LOCAL:
		return false;
	case KZT_SCOPE_GLOBAL:
		return nw->allow.global;
	default:
		return true;
	}
}

bool agent_address_allowed(const struct agent_network *nw,
			   const struct agent_prefix *p)
{
	struct kzt_inetaddr a = inetaddr_of(p);

	/* Those of an ad-hoc network follow from its id */
	if (nw->id >> 56 == 0xff)
		return true;
	return agent_allow_has(&nw->allow, p) && scope_allowed(nw, &a);
}

/* --- which routes ---------- */

static void mask(struct agent_prefix *p)
{
	unsigned int i, bits = p->len;

	for (i = 0; i < sizeof(p->ip); i++, bits = bits > 8 ? bits - 8 : 0)
		if (bits < 8)
			p->ip[i] &= (uint8_t)(0xff00 >> bits);
}

static bool implied(const struct kzt_config *conf, const struct agent_prefix *target)
{
	struct agent_prefix own;
	unsigned int i;

	for (i = 0; i < conf->n_addrs; i++) {
		if (!prefix_of(&conf->addr[i], &own) || own.len != target->len ||
		    own.family != target->family)
			continue;
		mask(&own);
		if (!memcmp(own.ip, target->ip, sizeof(own.ip)))
			return true;
	}
	return false;
}

static bool is_own(const struct kzt_config *conf, const struct kzt_inetaddr *via)
{
	unsigned int i;

	for (i = 0; i < conf->n_addrs; i++)
		if (kzt_inetaddr_same_ip(&conf->addr[i], via))
			return true;
	return false;
}

static void route_want(struct agent_route *list, unsigned int *n,
		       const struct agent_route *r)
{
	if (*n < AGENT_ROUTES)
		list[(*n)++] = *r;
}

/* Two halves, which win over the default route that there is */
static void route_default(struct agent_route *list, unsigned int *n,
			  struct agent_route r)
{
	r.target.len = 1;
	memset(r.target.ip, 0, sizeof(r.target.ip));
	route_want(list, n, &r);
	r.target.ip[0] = 0x80;
	route_want(list, n, &r);
}

static void route_consider(const struct agent_network *nw, struct agent_route *list,
			   unsigned int *n, const struct kzt_config_route *cr)
{
	const struct kzt_config *conf = nw->config->conf;
	struct agent_route r = { 0 };

	if (!prefix_of(&cr->target, &r.target))
		return;
	mask(&r.target);
	if (!agent_allow_has(&nw->allow, &r.target))
		return;
	if (!kzt_inetaddr_is_null(&cr->via)) {
		if (cr->via.family != cr->target.family || is_own(conf, &cr->via))
			return;
		r.has_via = true;
		memcpy(r.via, cr->via.ip, sizeof(r.via));
	}
	if (!r.target.len) {
		if (nw->allow.dflt)
			route_default(list, n, r);
	} else if (scope_allowed(nw, &cr->target) &&
		   (r.has_via || !implied(conf, &r.target))) {
		route_want(list, n, &r);
	}
}

static unsigned int routes_wanted(struct agent_network *nw,
				  struct agent_route list[AGENT_ROUTES])
{
	const struct kzt_config *conf = nw->config ? nw->config->conf : NULL;
	unsigned int i, n = 0;

	if (conf && nw->allow.managed)
		for (i = 0; i < conf->n_routes; i++)
			route_consider(nw, list, &n, &conf->route[i]);
	return n;
}

/* --- setting them ---------- */

static bool listed(const struct agent_route *list, unsigned int n,
		   const struct agent_route *r)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!memcmp(&list[i], r, sizeof(*r)))
			return true;
	return false;
}

static void routes_remove(struct agent *a, struct agent_network *nw,
			  const struct agent_route *want, unsigned int n)
{
	unsigned int i, kept = 0;

	for (i = 0; i < nw->n_route; i++) {
		if (listed(want, n, &nw->route[i]))
			nw->route[kept++] = nw->route[i];
		else	/* gone already is as good */
			agent_route(a, nw->nsid, nw->ifindex, AGENT_ROUTE_DEL,
				    &nw->route[i], NULL);
	}
	nw->n_route = kept;
}

/*
 * Those of an agent before us, which may have died before it took one away.  Not
 * before there is a configuration: till then nobody knows which are right.
 */
static void routes_adopt(struct agent *a, struct agent_network *nw)
{
	struct agent_route found[AGENT_ROUTES];
	unsigned int i, n;

	if (nw->routes_adopted || !nw->config || !nw->config->conf)
		return;
	nw->routes_adopted = true;
	n = agent_routes(a, nw->nsid, nw->ifindex, found);
	for (i = 0; i < n && nw->n_route < AGENT_ROUTES; i++)
		if (!listed(nw->route, nw->n_route, &found[i]))
			nw->route[nw->n_route++] = found[i];
}

void agent_routes_apply(struct agent *a, struct agent_network *nw)
{
	struct agent_route want[AGENT_ROUTES];
	char err[AGENT_ERR], text[64];
	unsigned int i, n;
	int code;

	if (!nw->present)
		return;
	routes_adopt(a, nw);
	n = routes_wanted(nw, want);
	routes_remove(a, nw, want, n);
	for (i = 0; i < n && nw->up; i++) {
		if (listed(nw->route, nw->n_route, &want[i]))
			continue;
		code = agent_route(a, nw->nsid, nw->ifindex, AGENT_ROUTE_ADD,
				   &want[i], err);
		if (!code) {
			nw->route[nw->n_route++] = want[i];
		} else if (code != -ENODEV && agent_limit_pass(&nw->limit)) {
			agent_prefix_text(&want[i].target, text);
			agent_log(LOG_WARNING, "no route to %s by %s: %s", text,
				  nw->ifname, err);
		}
	}
}

/* --- for people ---------- */

static json_t *ip_json(const struct kzt_inetaddr *a, bool with_bits)
{
	char ip[INET6_ADDRSTRLEN] = "", text[INET6_ADDRSTRLEN + 8];

	inet_ntop(a->family == KZT_AF_INET ? AF_INET : AF_INET6, a->ip, ip,
		  sizeof(ip));
	snprintf(text, sizeof(text), with_bits ? "%s/%u" : "%s", ip, a->port);
	return json_string(text);
}

/* A route whose device took it is marked */
static json_t *routes_json(const struct agent_network *nw)
{
	const struct kzt_config *conf = nw->config->conf;
	json_t *list = json_array(), *one;
	struct agent_route want[AGENT_ROUTES];
	struct agent_prefix target;
	unsigned int i, k, n;

	for (i = 0; i < conf->n_routes; i++) {
		const struct kzt_config_route *r = &conf->route[i];
		bool set = false;

		if (kzt_inetaddr_is_null(&r->target))
			continue;
		one = json_pack("{s:o}", "target", ip_json(&r->target, true));
		if (!kzt_inetaddr_is_null(&r->via)) {
			json_object_set_new(one, "via", ip_json(&r->via, false));
		} else if (nw->allow.managed && prefix_of(&r->target, &target)) {
			mask(&target);	/* the address brings it */
			set = implied(conf, &target) && agent_allow_has(&nw->allow, &target);
		}
		n = 0;
		if (nw->allow.managed)
			route_consider(nw, want, &n, r);
		for (k = 0; k < n; k++)
			set |= listed(nw->route, nw->n_route, &want[k]);
		json_object_set_new(one, "set", json_boolean(set));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *dns_json(const struct kzt_config *conf)
{
	json_t *servers = json_array();
	unsigned int i;

	for (i = 0; i < KZT_CONFIG_MAX_DNS; i++)
		if (!kzt_inetaddr_is_null(&conf->dns[i]))
			json_array_append_new(servers, ip_json(&conf->dns[i], false));
	return json_pack("{s:s%,s:o}", "domain", conf->dns_domain,
			 strlen(conf->dns_domain), "servers", servers);
}

void agent_config_json(const struct agent_network *nw, json_t *out)
{
	const struct agent_config *c = nw->config;

	json_object_set_new(out, "managed", json_boolean(nw->allow.managed));
	if (nw->allow.n_within)
		json_object_set_new(out, "managed-within",
				    agent_allow_within_json(&nw->allow));
	json_object_set_new(out, "global", json_boolean(nw->allow.global));
	json_object_set_new(out, "default", json_boolean(nw->allow.dflt));
	json_object_set_new(out, "allow-dns", json_boolean(nw->allow.dns));
	if (nw->id >> 56 == 0xff)
		return;
	if (c && *c->auth_url)
		json_object_set_new(out, "authentication-url", json_string(c->auth_url));
	if (!c || !c->conf)
		return;
	json_object_set_new(out, "timestamp", json_integer((json_int_t)c->conf->timestamp));
	json_object_set_new(out, "cached", json_boolean(c->cached));
	json_object_set_new(out, "routes", routes_json(nw));
	if (*c->conf->dns_domain || !kzt_inetaddr_is_null(&c->conf->dns[0])) {
		json_t *dns = dns_json(c->conf);

		if (dns) {	/* else the domain is not UTF-8 */
			json_object_set_new(dns, "set", json_boolean(agent_dns_is_set(nw)));
			json_object_set_new(out, "dns", dns);
		}
	}
}
