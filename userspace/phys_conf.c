// SPDX-License-Identifier: GPL-2.0
/* What is said of the remote addresses of a prefix, for kzt and kztd. */
#include "phys_conf.h"
#include "conf.h"
#include "kzt.h"
#include "out.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int kzt_phys_item(const char **at, int attr, struct kzt_out_prefix *p, uint64_t *value,
		  const char **why)
{
	bool mtu = attr == KZT_A_PHYS_MTU;
	char prefix[80], word[24];

	*why = mtu ? "not PREFIX BYTES, with 1400 to 10324 bytes" :
		     "not PREFIX ID, with up to 16 hexadecimal digits, not 0";
	if (!kzt_conf_item(at, prefix, sizeof(prefix)))
		return **at ? -EINVAL : 0;
	if (!kzt_conf_item(at, word, sizeof(word)) || !kzt_parse_prefix(prefix, p) ||
	    word[strspn(word, mtu ? "0123456789" : "0123456789abcdefABCDEF")] ||
	    strlen(word) > 16)
		return -EINVAL;
	*value = strtoull(word, NULL, mtu ? 10 : 16);
	if (mtu ? *value < KZT_PHYS_MTU_MIN || *value > KZT_PHYS_MTU_MAX : !*value)
		return -EINVAL;
	return 1;
}

uint64_t kzt_phys_value(const struct kzt_phys_conf *conf, int attr)
{
	return attr == KZT_A_PHYS_MTU ? conf->mtu : conf->trust_id;
}

void kzt_phys_change(struct kzt_phys_conf *conf, int attr, uint64_t value)
{
	if (attr == KZT_A_PHYS_MTU)
		conf->mtu = (uint32_t)value;
	else
		conf->trust_id = value;
}

struct kzt_phys_conf kzt_phys_get(const json_t *node, const struct kzt_out_prefix *p)
{
	struct kzt_phys_conf conf = { 0 };
	const json_t *v;
	char text[64];
	size_t i;

	kzt_text_prefix(p, text, sizeof(text));
	json_array_foreach(json_object_get(node, "phys"), i, v) {
		if (strcmp(kzt_get_str(v, "prefix", ""), text))
			continue;
		conf.mtu = (uint32_t)kzt_get_int(v, "mtu", 0);
		conf.trust_id = strtoull(kzt_get_str(v, "trust-id", "0"), NULL, 16);
	}
	return conf;
}

void kzt_phys_put(struct nlmsghdr *nlh, const struct kzt_out_prefix *p,
		  const struct kzt_phys_conf *conf)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KZT_A_NODE_PHYS);

	mnl_attr_put(nlh, KZT_A_PHYS_ADDR, p->family == AF_INET ? 4 : 16, p->ip);
	mnl_attr_put_u8(nlh, KZT_A_PHYS_LEN, p->len);
	if (conf->mtu)
		mnl_attr_put_u32(nlh, KZT_A_PHYS_MTU, conf->mtu);
	if (conf->trust_id)
		mnl_attr_put_u64(nlh, KZT_A_PHYS_TRUST_ID, conf->trust_id);
	mnl_attr_nest_end(nlh, nest);
}
