// SPDX-License-Identifier: GPL-2.0
/*
 * What a network may set here.  "managed" may be a list of prefixes instead of on and
 * off: then it is on for what lies inside one of them and is no shorter (spec 2.18).
 */
#include "agent_network.h"
#include "conf.h"
#include "words.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

int agent_allow_parse(const char *text, struct agent_allow *allow)
{
	struct kzt_out_prefix p;
	struct agent_prefix *to;
	char item[80];

	allow->n_within = 0;
	while (kzt_conf_item(&text, item, sizeof(item))) {
		if (!kzt_parse_prefix(item, &p) || allow->n_within == AGENT_WITHIN)
			return -EINVAL;
		to = &allow->within[allow->n_within++];
		*to = (struct agent_prefix){ .family = p.family, .len = p.len };
		memcpy(to->ip, p.ip, sizeof(to->ip));
	}
	if (*text || !allow->n_within)
		return -EINVAL;
	allow->managed = true;
	return 0;
}

bool agent_allow_change(struct agent_allow *allow, const struct agent_allow_change *c)
{
	if (c->managed >= 0) {
		allow->managed = c->managed;
		allow->n_within = 0;
	}
	if (c->within && agent_allow_parse(c->within, allow))
		return false;
	if (c->global >= 0)
		allow->global = c->global;
	if (c->dflt >= 0)
		allow->dflt = c->dflt;
	if (c->dns >= 0)
		allow->dns = c->dns;
	return true;
}

static bool inside(const struct agent_prefix *p, const struct agent_prefix *around)
{
	struct kzt_out_prefix cut = { .family = p->family, .len = around->len };

	if (p->family != around->family || p->len < around->len)
		return false;
	memcpy(cut.ip, p->ip, sizeof(cut.ip));
	kzt_prefix_cut(&cut);
	return !memcmp(cut.ip, around->ip, p->family == AF_INET ? 4 : 16);
}

bool agent_allow_has(const struct agent_allow *allow, const struct agent_prefix *p)
{
	unsigned int i;

	for (i = 0; i < allow->n_within; i++)
		if (inside(p, &allow->within[i]))
			return true;
	return allow->managed && !allow->n_within;
}

json_t *agent_allow_within_json(const struct agent_allow *allow)
{
	json_t *list = json_array();
	char text[64];
	unsigned int i;

	for (i = 0; i < allow->n_within; i++) {
		agent_prefix_text(&allow->within[i], text);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

/* A list that is not to be understood allows nothing: it was meant to limit */
void agent_allow_within_load(const json_t *list, struct agent_allow *allow)
{
	char text[AGENT_WITHIN * 64] = "";
	size_t i, n = 0;
	const json_t *v;

	if (!list)
		return;
	json_array_foreach(list, i, v)
		if (n < sizeof(text))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s,", json_is_string(v) ?
					      json_string_value(v) : "?");
	if (n >= sizeof(text) || agent_allow_parse(text, allow)) {
		allow->managed = false;
		allow->n_within = 0;
	}
}
