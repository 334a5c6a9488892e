// SPDX-License-Identifier: GPL-2.0
/* kzt apply: the networks that a configuration file names, and no others. */
#include "apply.h"
#include "kzt.h"
#include "out.h"
#include <string.h>

static void leave(struct apply *a, const char *id)
{
	struct words w = { .n = 0 };

	kzt_apply_add2(&w, "network", "leave");
	kzt_apply_add(&w, id);
	kzt_apply_run(a, &w);
}

/* Prefixes, against those that a network is limited to */
static bool same_within(const char *text, const json_t *list)
{
	char item[80], out[80];
	const char *have;
	size_t i = 0;

	while (kzt_conf_item(&text, item, sizeof(item))) {
		have = json_string_value(json_array_get(list, i++));
		if (!have || strcmp(kzt_apply_item(item, out), have))
			return false;
	}
	return i == json_array_size(list);
}

/* What is allowed, where that differs from what @network has; all of it for NULL */
static void add_switches(struct words *w, const struct kzt_conf_section *s,
			 const json_t *network)
{
	static const struct { const char *word, *key; } switches[] = {
		{ "managed", "managed" }, { "global", "global" },
		{ "default", "default" }, { "dns", "allow-dns" },
	};
	const json_t *have, *within = json_object_get(network, "managed-within");
	const char *v;
	unsigned int i;

	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		v = kzt_conf_get(s, switches[i].word);
		have = json_object_get(network, switches[i].key);
		if (!v || (network && !have))
			continue;
		if (!i && strchr(v, '/')) {
			if (!network || !same_within(v, within))
				kzt_apply_add2(w, switches[i].word, v);
		} else if (!network || kzt_apply_yes(v) != json_is_true(have) || (!i && within)) {
			kzt_apply_add2(w, switches[i].word, kzt_apply_yes(v) ? "on" : "off");
		}
	}
}

/* One that is joined already under its name */
static void change_network(struct apply *a, const struct kzt_conf_section *s,
			   const json_t *network)
{
	struct words w = { .n = 0 };

	kzt_apply_add2(&w, "network", "join");
	kzt_apply_add(&w, kzt_get_str(network, "id", ""));
	add_switches(&w, s, network);
	if (w.n > 3)
		kzt_apply_run(a, &w);
	kzt_apply_clear(&w);
}

void kzt_apply_network(struct apply *a, const struct kzt_conf_section *s)
{
	const char *id = kzt_conf_get(s, "Id"), *name, *v;
	struct words w = { .n = 0 };
	json_t *network;

	if (!id) {
		kzt_apply_wrong(a, s->line, "no Id in section", s->name);
		return;
	}
	network = kzt_apply_find(a->networks, "id", id);
	name = kzt_conf_get(s, "Name");
	if (network) {
		json_object_set_new(network, "wanted", json_true());
		if (!name || !strcmp(name, kzt_get_str(network, "dev", ""))) {
			change_network(a, s, network);
			return;
		}
		leave(a, id);
	}
	kzt_apply_add2(&w, "network", "join");
	kzt_apply_add(&w, id);
	if (name)
		kzt_apply_add2(&w, "dev", name);
	v = kzt_conf_get(s, "Netns");
	if (v)
		kzt_apply_add2(&w, "netns", v);
	add_switches(&w, s, NULL);
	kzt_apply_run(a, &w);
	kzt_apply_clear(&w);
}

void kzt_apply_drop_networks(struct apply *a)
{
	const json_t *network;
	size_t i;

	json_array_foreach(a->networks, i, network)
		if (!kzt_get_bool(network, "wanted"))
			leave(a, kzt_get_str(network, "id", ""));
}
