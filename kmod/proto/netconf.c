// SPDX-License-Identifier: GPL-2.0
/* A network's configuration as its controller sends it (spec 4, 4.6). */
#include "netconf.h"
#include "dictionary.h"
#include "rules.h"

/* Where values lie once their escapes are gone */
struct arena {
	const struct kzt_dict *d;
	u8 *p;
	size_t room;
};

/* The octets of a binary value; a cursor over nothing if there is none */
static struct kzt_cur take(struct arena *a, const char *key, bool *present)
{
	long n = kzt_dict_get(a->d, key, a->p, a->room);
	struct kzt_cur c = kzt_cur(a->p, n > 0 ? (size_t)n : 0);

	if (present)
		*present = n > 0;
	if (n > 0) {
		a->p += n;
		a->room -= (size_t)n;
	}
	return c;
}

static int decode_com(struct kzt_config *conf, struct arena *a)
{
	struct kzt_cur c = take(a, "C", &conf->has_com);

	return conf->has_com ? kzt_com_get(&c, &conf->com) : 0;
}

/* By insertion: the list comes sorted, or is short */
static void caps_sort(struct kzt_config *conf)
{
	unsigned int i, k;

	for (i = 1; i < conf->n_caps; i++) {
		for (k = i; k && conf->cap[k].id < conf->cap[k - 1].id; k--) {
			struct kzt_capability swap = conf->cap[k];

			conf->cap[k] = conf->cap[k - 1];
			conf->cap[k - 1] = swap;
		}
	}
}

static void tags_sort(struct kzt_config *conf)
{
	unsigned int i, k;

	for (i = 1; i < conf->n_tags; i++) {
		for (k = i; k && conf->tag[k].id < conf->tag[k - 1].id; k--) {
			struct kzt_tag swap = conf->tag[k];

			conf->tag[k] = conf->tag[k - 1];
			conf->tag[k - 1] = swap;
		}
	}
}

/* An error in these keeps what stood before it */
static void decode_caps_tags(struct kzt_config *conf, struct arena *a)
{
	struct kzt_cur c = take(a, "CAP", NULL);

	while (kzt_cur_left(&c) && conf->n_caps < KZT_CONFIG_MAX_CAPS &&
	       !kzt_capability_get(&c, &conf->cap[conf->n_caps]))
		conf->n_caps++;
	c = take(a, "TAG", NULL);
	while (kzt_cur_left(&c) && conf->n_tags < KZT_CONFIG_MAX_TAGS &&
	       !kzt_tag_get(&c, &conf->tag[conf->n_tags]))
		conf->n_tags++;
	caps_sort(conf);
	tags_sort(conf);
}

/* More than are kept are read over, for errors in them count */
static int decode_coos(struct kzt_config *conf, struct arena *a)
{
	struct kzt_cur c = take(a, "COO", NULL);
	struct kzt_coo coo;

	while (kzt_cur_left(&c)) {
		if (kzt_coo_get(&c, &coo))
			return -EBADMSG;
		if (conf->n_coos < KZT_CONFIG_MAX_COOS)
			conf->coo[conf->n_coos++] = coo;
	}
	return 0;
}

static void decode_specialists(struct kzt_config *conf, struct arena *a)
{
	struct kzt_cur c = take(a, "S", NULL);

	while (kzt_cur_left(&c) >= 8 &&
	       conf->n_specialists < KZT_CONFIG_MAX_SPECIALISTS)
		conf->specialist[conf->n_specialists++] = kzt_cur_u64(&c);
}

/* An address record that ends early is as bad as one of unknown type */
static int get_addr(struct kzt_cur *c, struct kzt_inetaddr *a)
{
	return kzt_inetaddr_get(c, a) ? -EBADMSG : 0;
}

static int decode_routes(struct kzt_config *conf, struct arena *a)
{
	struct kzt_cur c = take(a, "RT", NULL);

	while (kzt_cur_left(&c) && conf->n_routes < KZT_CONFIG_MAX_ROUTES) {
		struct kzt_config_route *r = &conf->route[conf->n_routes];

		if (get_addr(&c, &r->target) || get_addr(&c, &r->via))
			return -EBADMSG;
		r->flags = kzt_cur_u16(&c);
		r->metric = kzt_cur_u16(&c);
		if (c.bad)
			return -EBADMSG;
		conf->n_routes++;
	}
	return 0;
}

static int decode_addrs(struct kzt_config *conf, struct arena *a)
{
	struct kzt_cur c = take(a, "I", NULL);

	while (kzt_cur_left(&c) && conf->n_addrs < KZT_CONFIG_MAX_ADDRS) {
		if (get_addr(&c, &conf->addr[conf->n_addrs]))
			return -EBADMSG;
		conf->n_addrs++;
	}
	return 0;
}

static int decode_rules(struct kzt_config *conf, struct arena *a)
{
	struct kzt_cur c = take(a, "R", NULL);
	struct kzt_rule rule;
	unsigned int one;

	conf->rules = c.p;
	while (kzt_cur_left(&c) && conf->n_rules < KZT_CONFIG_MAX_RULES) {
		if (kzt_rules_parse(c.p, kzt_cur_left(&c), &rule, 1, &one))
			return -EBADMSG;
		kzt_cur_skip(&c, 1);
		kzt_cur_skip(&c, kzt_cur_u8(&c));
		conf->n_rules++;
	}
	conf->rules_len = (size_t)(c.p - conf->rules);
	return 0;
}

static int decode_dns(struct kzt_config *conf, struct arena *a)
{
	struct kzt_cur c = take(a, "DNS", &conf->has_dns);
	const u8 *domain;
	unsigned int i;

	if (!conf->has_dns)
		return 0;
	domain = kzt_cur_bytes(&c, KZT_CONFIG_DOMAIN_LEN);
	if (!domain)
		return -EBADMSG;
	memcpy(conf->dns_domain, domain, KZT_CONFIG_DOMAIN_LEN - 1);
	for (i = 0; i < KZT_CONFIG_MAX_DNS; i++)
		if (get_addr(&c, &conf->dns[i]))
			return -EBADMSG;
	return 0;
}

static void decode_scalars(struct kzt_config *conf, const struct kzt_dict *d)
{
	u64 mtu;

	conf->version = (u32)min_t(u64, kzt_dict_uint(d, "v", 0), U32_MAX);
	conf->nwid = kzt_dict_uint(d, "nwid", 0);
	conf->timestamp = kzt_dict_uint(d, "ts", 0);
	conf->max_delta = kzt_dict_uint(d, "ctmd", 0);
	conf->revision = kzt_dict_uint(d, "r", 0);
	conf->issued_to = kzt_dict_uint(d, "id", 0) & KZT_ADDR_MASK;
	conf->trace_target = kzt_dict_uint(d, "tt", 0) & KZT_ADDR_MASK;
	conf->trace_level = kzt_dict_uint(d, "tl", 0);
	conf->flags = kzt_dict_uint(d, "f", 0);
	conf->multicast_limit =
		(u32)min_t(u64, kzt_dict_uint(d, "ml", 0), U32_MAX);
	conf->type = kzt_dict_uint(d, "t", 0);
	kzt_dict_text(d, "n", conf->name, sizeof(conf->name));
	mtu = kzt_dict_uint(d, "mtu", KZT_CONFIG_MTU_DEFAULT);
	conf->mtu = (u32)clamp(mtu, (u64)KZT_CONFIG_MTU_MIN,
			       (u64)KZT_CONFIG_MTU_MAX);
	conf->sso_version = (u8)min_t(u64, kzt_dict_uint(d, "ssov", 0), 0xff);
	conf->sso_enabled = kzt_dict_bool(d, "ssoe", false);
	conf->auth_expiry = kzt_dict_uint(d, "aexpt", 0);
	if (kzt_dict_text(d, conf->sso_version ? "iurl" : "aurl", conf->auth_url,
			  sizeof(conf->auth_url)) < 0)
		conf->auth_url[0] = 0;
}

/**
 * kzt_config_decode - read a configuration
 * @conf: filled
 * @dict: dictionary
 * @len: its octets
 * @scratch: space that pointers in @conf point into
 * @room: there; @len octets are enough
 * @why: set to a sentence if it is refused
 *
 * Whether it is for this network and this node is for the caller to ask.
 *
 * Return: 0, -EMSGSIZE, -EPROTONOSUPPORT for the old style (4.6.8), -EBADMSG.
 */
int kzt_config_decode(struct kzt_config *conf, const u8 *dict, size_t len,
		      u8 *scratch, size_t room, const char **why)
{
	struct kzt_dict d = kzt_dict(dict, len);
	struct arena a = { &d, scratch, room };

	memset(conf, 0, sizeof(*conf));
	*why = "it is too long";
	if (len > KZT_CONFIG_MAX_LEN || room < len)
		return -EMSGSIZE;
	decode_scalars(conf, &d);
	*why = "its format is older than 6";
	if (conf->version < 6)
		return -EPROTONOSUPPORT;
	*why = "it names no network or no member";
	if (!conf->nwid || !kzt_addr_valid(conf->issued_to))
		return -EBADMSG;
	*why = "a certificate in it is malformed";
	if (decode_com(conf, &a) || decode_coos(conf, &a))
		return -EBADMSG;
	decode_caps_tags(conf, &a);
	decode_specialists(conf, &a);
	*why = "an address, route or DNS server in it is malformed";
	if (decode_routes(conf, &a) || decode_addrs(conf, &a) ||
	    decode_dns(conf, &a))
		return -EBADMSG;
	*why = "a rule in it is malformed";
	if (decode_rules(conf, &a))
		return -EBADMSG;
	*why = NULL;
	return 0;
}

static void encode_credentials(struct kzt_wcur *w, const struct kzt_config *conf)
{
	unsigned int i;

	if (conf->has_com)
		kzt_dict_put(w, "C", conf->com.raw, conf->com.raw_len);
	for (i = 0; i < conf->n_caps; i++) {
		if (!i)
			kzt_dict_begin(w, "CAP");
		kzt_dict_add(w, conf->cap[i].raw, conf->cap[i].raw_len);
	}
	for (i = 0; i < conf->n_tags; i++) {
		if (!i)
			kzt_dict_begin(w, "TAG");
		kzt_dict_add(w, conf->tag[i].raw, conf->tag[i].raw_len);
	}
	for (i = 0; i < conf->n_coos; i++) {
		if (!i)
			kzt_dict_begin(w, "COO");
		kzt_dict_add(w, conf->coo[i].raw, conf->coo[i].raw_len);
	}
}

static void add_u64(struct kzt_wcur *w, u64 v)
{
	u8 buf[8];

	put_unaligned_be64(v, buf);
	kzt_dict_add(w, buf, sizeof(buf));
}

static void add_u16(struct kzt_wcur *w, u16 v)
{
	u8 buf[2];

	put_unaligned_be16(v, buf);
	kzt_dict_add(w, buf, sizeof(buf));
}

static void add_addr(struct kzt_wcur *w, const struct kzt_inetaddr *a)
{
	u8 buf[KZT_INETADDR_MAX];
	struct kzt_wcur one = kzt_wcur(buf, sizeof(buf));

	kzt_inetaddr_put(&one, a);
	kzt_dict_add(w, buf, kzt_wcur_len(&one));
}

static void encode_lists(struct kzt_wcur *w, const struct kzt_config *conf)
{
	unsigned int i;

	for (i = 0; i < conf->n_specialists; i++) {
		if (!i)
			kzt_dict_begin(w, "S");
		add_u64(w, conf->specialist[i]);
	}
	for (i = 0; i < conf->n_routes; i++) {
		if (!i)
			kzt_dict_begin(w, "RT");
		add_addr(w, &conf->route[i].target);
		add_addr(w, &conf->route[i].via);
		add_u16(w, conf->route[i].flags);
		add_u16(w, conf->route[i].metric);
	}
	for (i = 0; i < conf->n_addrs; i++) {
		if (!i)
			kzt_dict_begin(w, "I");
		add_addr(w, &conf->addr[i]);
	}
	if (conf->rules_len)
		kzt_dict_put(w, "R", conf->rules, conf->rules_len);
}

static void encode_dns(struct kzt_wcur *w, const struct kzt_config *conf)
{
	u8 domain[KZT_CONFIG_DOMAIN_LEN] = {};
	unsigned int i;

	if (!conf->has_dns)
		return;
	memcpy(domain, conf->dns_domain,
	       min_t(size_t, strlen(conf->dns_domain), sizeof(domain) - 1));
	kzt_dict_put(w, "DNS", domain, sizeof(domain));
	for (i = 0; i < KZT_CONFIG_MAX_DNS; i++)
		add_addr(w, &conf->dns[i]);
}

/**
 * kzt_config_encode - write a configuration
 * @conf: configuration
 * @dict: filled with the dictionary
 * @room: there, KZT_CONFIG_MAX_LEN octets at most are of use
 *
 * Keys of single sign-on are written as if it were off.
 *
 * Return: octets written, or -EMSGSIZE.
 */
int kzt_config_encode(const struct kzt_config *conf, u8 *dict, size_t room)
{
	struct kzt_wcur w = kzt_wcur(dict, min_t(size_t, room,
						 KZT_CONFIG_MAX_LEN));

	kzt_dict_put_uint(&w, "v", conf->version);
	kzt_dict_put_uint(&w, "nwid", conf->nwid);
	kzt_dict_put_uint(&w, "ts", conf->timestamp);
	kzt_dict_put_uint(&w, "ctmd", conf->max_delta);
	kzt_dict_put_uint(&w, "r", conf->revision);
	kzt_dict_put_addr(&w, "id", conf->issued_to);
	kzt_dict_put_addr(&w, "tt", conf->trace_target);
	kzt_dict_put_uint(&w, "tl", conf->trace_level);
	kzt_dict_put_uint(&w, "f", conf->flags);
	kzt_dict_put_uint(&w, "ml", conf->multicast_limit);
	kzt_dict_put_uint(&w, "t", conf->type);
	kzt_dict_put_text(&w, "n", conf->name);
	kzt_dict_put_uint(&w, "mtu", conf->mtu);
	encode_credentials(&w, conf);
	encode_lists(&w, conf);
	encode_dns(&w, conf);
	kzt_dict_put_uint(&w, "ssov", 0);
	kzt_dict_put_bool(&w, "ssoe", false);
	return kzt_wcur_result(&w);
}
