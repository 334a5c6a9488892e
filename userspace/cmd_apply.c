// SPDX-License-Identifier: GPL-2.0
/*
 * kzt apply: compare a configuration file with how things are, and change what
 * differs.  Each change is a command of kzt(8), and printed as such.
 *
 * What the file does not speak of stays for the node; static peers and networks
 * that it does not name go.
 */
#include "conf.h"
#include "decode.h"
#include "identity.h"
#include "kzt.h"
#include "out.h"
#include "phys_conf.h"
#include "show.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 256

/**
 * struct words - a command that is being put together
 * @n: words
 * @word: those; a copy of each
 */
struct words {
	unsigned int n;
	char *word[WORDS_MAX + 1];
};

struct apply {
	const char *file;
	struct kzt_conf conf;
	json_t *node, *peers, *networks;
	json_t *changes;
	int err;
};

static void add(struct words *w, const char *word)
{
	if (w->n < WORDS_MAX)
		w->word[w->n] = strdup(word);
	if (w->n < WORDS_MAX && w->word[w->n])
		w->n++;
}

static void add2(struct words *w, const char *key, const char *value)
{
	add(w, key);
	add(w, value);
}

static void clear(struct words *w)
{
	while (w->n)
		free(w->word[--w->n]);
}

/* Run it as if it had been typed; the first failure ends everything */
static void run(struct apply *a, struct words *w)
{
	static const struct { const char *name; int (*fn)(int argc, char **argv); } cmds[] = {
		{ "node", cmd_node }, { "path", cmd_path }, { "peer", cmd_peer },
		{ "network", cmd_network },
	};
	char text[4096] = "";
	bool json = kzt_json;
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < w->n && n < sizeof(text); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
				      w->word[i]);
	if (a->err || !w->n)
		goto out;
	w->word[w->n] = NULL;
	kzt_json = false;
	for (i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++)
		if (!strcmp(w->word[0], cmds[i].name))
			a->err = cmds[i].fn((int)w->n, w->word);
	kzt_json = json;
	if (a->err) {
		a->err = kzt_fail("%s: stopped at: %s", a->file, text);
		goto out;
	}
	json_array_append_new(a->changes, json_string(text));
	if (!kzt_json)
		printf("%s\n", text);
out:
	clear(w);
}

static void wrong(struct apply *a, unsigned int line, const char *what, const char *word)
{
	if (!a->err)
		a->err = kzt_fail("%s:%u: %s \"%s\"", a->file, line, what, word);
}

/* Nothing is changed by a file in which something is wrong */
static void check_keys(struct apply *a, const struct kzt_conf_section *s)
{
	const char *why;
	unsigned int i;

	for (i = 0; i < s->n; i++) {
		why = kzt_conf_wrong(s, &s->key[i]);
		if (why && !a->err)
			a->err = kzt_fail("%s:%u: %s = %s: %s", a->file, s->key[i].line,
					  s->key[i].name, s->key[i].value, why);
	}
}

static bool yes(const char *value)
{
	return value && kzt_conf_on(value);
}

/* --- the node ---------------------------------------------------------------------- */

static bool same_identity(const char *file, const char *text)
{
	char mine[KZT_ID_TEXT_MAX];
	struct kzt_id id;
	bool same;

	if (kzt_id_load(&id, file, NULL))
		return false;		/* the command will say why */
	same = !kzt_id_text(&id, false, mine, sizeof(mine)) && !strcmp(mine, text);
	kzt_id_wipe(&id);
	return same;
}

static void node_number(const struct apply *a, struct words *w, const char *key,
			const char *value)
{
	char *end;
	unsigned long long n;

	if (!value)
		return;
	n = strcmp(value, "off") ? strtoull(value, &end, 0) : 0;
	if (n != kzt_get_int(a->node, key, 0) || !json_object_get(a->node, key))
		add2(w, key, value);
}

/* The key @name as a list, which the node has as @word; @nothing: how an empty one is written */
static void node_list(const struct apply *a, struct words *w,
		      const struct kzt_conf_section *s, const char *name, const char *word,
		      const char *nothing)
{
	const json_t *have = json_object_get(a->node, word), *v;
	unsigned int i, n = 0, found = 0;
	struct words want = { .n = 0 };
	char item[80];
	size_t k;

	for (i = 0; i < s->n; i++) {
		const char *at = s->key[i].value;

		if (!kzt_conf_is(s->key[i].name, name))
			continue;
		n++;
		while (kzt_conf_item(&at, item, sizeof(item)))
			if (strcmp(item, nothing))
				add(&want, item);
	}
	for (i = 0; i < want.n; i++)
		json_array_foreach(have, k, v)
			found += !strcmp(json_string_value(v), want.word[i]);
	if (n && (found != want.n || found != json_array_size(have))) {
		if (!want.n)
			add2(w, word, nothing);
		for (i = 0; i < want.n; i++)
			add2(w, word, want.word[i]);
	}
	clear(&want);
}

/* The node shows the port that a random one became */
static bool same_secondary_port(const json_t *node, const char *want)
{
	uint64_t have = kzt_get_int(node, "secondary-port", 0);

	if (!strcmp(want, "random"))
		return have;
	return have == (strcmp(want, "off") ? strtoull(want, NULL, 0) : 0);
}

static void apply_path_mtu(struct apply *a, const struct kzt_conf_key *key)
{
	struct words w = { .n = 0 };
	const char *at = key->value;
	struct kzt_out_prefix p;
	char prefix[80], bytes[16];
	uint32_t mtu;
	int got;

	while ((got = kzt_phys_item(&at, &p, &mtu)) > 0) {
		if (kzt_phys_get(a->node, &p).mtu == mtu)
			continue;
		kzt_text_prefix(&p, prefix, sizeof(prefix));
		snprintf(bytes, sizeof(bytes), "%u", mtu);
		add2(&w, "path", "mtu");
		add2(&w, prefix, bytes);
		run(a, &w);
	}
	if (got)
		wrong(a, key->line, "not PREFIX BYTES, with 1400 to 10324 bytes, in", key->value);
}

static void apply_node(struct apply *a, const struct kzt_conf_section *s)
{
	struct words w = { .n = 0 };
	unsigned int i;
	const char *v;

	add2(&w, "node", "set");
	v = kzt_conf_get(s, "Identity");
	if (v && !same_identity(v, kzt_get_str(a->node, "identity", "")))
		add2(&w, "identity", v);
	node_number(a, &w, "port", kzt_conf_get(s, "Port"));
	v = kzt_conf_get(s, "FwMark");
	if (v && (json_object_get(a->node, "fwmark") || strtoul(v, NULL, 0)))
		node_number(a, &w, "fwmark", v);
	v = kzt_conf_get(s, "Suite");
	if (v && strcmp(v, kzt_get_str(a->node, "suite", "auto")))
		add2(&w, "suite", v);
	v = kzt_conf_get(s, "Relay");
	if (v && yes(v) != kzt_get_bool(a->node, "relay"))
		add2(&w, "relay", yes(v) ? "on" : "off");
	v = kzt_conf_get(s, "SecondaryPort");
	if (v && !same_secondary_port(a->node, v))
		add2(&w, "secondary-port", v);
	node_list(a, &w, s, "Bind", "bind", "any");
	node_list(a, &w, s, "Deny", "deny", "none");
	node_list(a, &w, s, "DenyDev", "deny-dev", "none");
	if (w.n > 2)
		run(a, &w);
	clear(&w);
	for (i = 0; i < s->n; i++)
		if (kzt_conf_is(s->key[i].name, "PathMTU"))
			apply_path_mtu(a, &s->key[i]);
}

/* --- peers -------------------------------------------------------------------------- */

static json_t *find(const json_t *list, const char *key, const char *value)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
		if (!strcasecmp(kzt_get_str(o, key, ""), value))
			return o;
	return NULL;
}

/* The address in front of a public identity, which may be in a file */
static bool identity_address(const char *word, char out[16])
{
	struct kzt_id id;
	bool text = strspn(word, "0123456789abcdef") == 10 && word[10] == ':';

	if (text ? kzt_id_parse(&id, word, NULL) : kzt_id_load(&id, word, NULL))
		return false;
	snprintf(out, 16, KZT_PRIADDR, (unsigned long long)id.address);
	kzt_id_wipe(&id);
	return true;
}

/* IP/PORT as the module has it: IP:PORT, [IP6]:PORT */
static bool has_endpoint(const json_t *peer, const char *item)
{
	struct sockaddr_storage ss;
	const json_t *v;
	char text[80];
	size_t len, i;

	if (!kzt_arg_endpoint(item, &ss, &len))
		return false;
	kzt_text_sockaddr((struct sockaddr *)&ss, len, text, sizeof(text));
	json_array_foreach(json_object_get(peer, "endpoints"), i, v)
		if (!strcmp(json_string_value(v), text))
			return true;
	return false;
}

static void peer_add(struct apply *a, const struct kzt_conf_section *s,
		     const json_t *peer, const char *identity)
{
	struct words w = { .n = 0 };
	bool changed = !peer || !kzt_get_bool(peer, "static");
	unsigned int i, n = 0;
	char item[80];

	add2(&w, "peer", "add");
	add(&w, identity);
	for (i = 0; i < s->n; i++) {
		const char *at = s->key[i].value;

		if (!kzt_conf_is(s->key[i].name, "Endpoint"))
			continue;
		while (kzt_conf_item(&at, item, sizeof(item))) {
			add2(&w, "endpoint", item);
			changed |= !has_endpoint(peer, item);
			n++;
		}
	}
	/* Those that are given take the place of those that it has */
	changed |= n && n != json_array_size(json_object_get(peer, "endpoints"));
	if (yes(kzt_conf_get(s, "Root"))) {
		add(&w, "root");
		changed |= !kzt_get_bool(peer, "upstream");
	}
	if (changed)
		run(a, &w);
	clear(&w);
}

static void apply_peer(struct apply *a, const struct kzt_conf_section *s)
{
	const char *identity = kzt_conf_get(s, "Identity"), *v;
	struct words w = { .n = 0 };
	char address[16];
	json_t *peer;

	if (!identity || !identity_address(identity, address)) {
		wrong(a, s->line, "a peer without a readable Identity in section", s->name);
		return;
	}
	peer = find(a->peers, "address", address);
	if (peer)
		json_object_set_new(peer, "wanted", json_true());
	peer_add(a, s, peer, identity);
	v = kzt_conf_get(s, "Mark");
	if (v && strtoull(v, NULL, 0) != kzt_get_int(peer, "mark", 0)) {
		add2(&w, "peer", "mark");
		add2(&w, address, v);
		run(a, &w);
	}
	v = kzt_conf_get(s, "Alias");
	if (v && strcmp(v, kzt_get_str(peer, "alias", ""))) {
		add2(&w, "peer", "alias");
		add2(&w, address, v);
		run(a, &w);
	}
}

static void drop_peers(struct apply *a)
{
	struct words w = { .n = 0 };
	const json_t *peer;
	size_t i;

	json_array_foreach(a->peers, i, peer) {
		if (!kzt_get_bool(peer, "static") || kzt_get_bool(peer, "wanted"))
			continue;
		add2(&w, "peer", "del");
		add(&w, kzt_get_str(peer, "address", ""));
		run(a, &w);
	}
}

/* --- networks ----------------------------------------------------------------------- */

static void leave(struct apply *a, const char *id)
{
	struct words w = { .n = 0 };

	add2(&w, "network", "leave");
	add(&w, id);
	run(a, &w);
}

/* What is allowed, where that differs from what @network has; all of it for NULL */
static void add_switches(struct words *w, const struct kzt_conf_section *s,
			 const json_t *network)
{
	static const struct { const char *word, *key; } switches[] = {
		{ "managed", "managed" }, { "global", "global" },
		{ "default", "default" }, { "dns", "allow-dns" },
	};
	const char *v;
	unsigned int i;

	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		v = kzt_conf_get(s, switches[i].word);
		if (v && (!network || (json_object_get(network, switches[i].key) &&
				       yes(v) != kzt_get_bool(network, switches[i].key))))
			add2(w, switches[i].word, yes(v) ? "on" : "off");
	}
}

/* One that is joined already under its name */
static void change_network(struct apply *a, const struct kzt_conf_section *s,
			   const json_t *network)
{
	struct words w = { .n = 0 };

	add2(&w, "network", "join");
	add(&w, kzt_get_str(network, "id", ""));
	add_switches(&w, s, network);
	if (w.n > 3)
		run(a, &w);
	clear(&w);
}

static void apply_network(struct apply *a, const struct kzt_conf_section *s)
{
	const char *id = kzt_conf_get(s, "Id"), *name, *v;
	struct words w = { .n = 0 };
	json_t *network;

	if (!id) {
		wrong(a, s->line, "no Id in section", s->name);
		return;
	}
	network = find(a->networks, "id", id);
	name = kzt_conf_get(s, "Name");
	if (network) {
		json_object_set_new(network, "wanted", json_true());
		if (!name || !strcmp(name, kzt_get_str(network, "dev", ""))) {
			change_network(a, s, network);
			return;
		}
		leave(a, id);
	}
	add2(&w, "network", "join");
	add(&w, id);
	if (name)
		add2(&w, "dev", name);
	v = kzt_conf_get(s, "Netns");
	if (v)
		add2(&w, "netns", v);
	add_switches(&w, s, NULL);
	run(a, &w);
	clear(&w);
}

static void drop_networks(struct apply *a)
{
	const json_t *network;
	size_t i;

	json_array_foreach(a->networks, i, network)
		if (!kzt_get_bool(network, "wanted"))
			leave(a, kzt_get_str(network, "id", ""));
}

/* --- all of it ------------------------------------------------------------------------ */

static void apply_sections(struct apply *a)
{
	static const struct {
		const char *name;
		void (*fn)(struct apply *a, const struct kzt_conf_section *s);
	} kinds[] = {
		{ "Node", apply_node }, { "Peer", apply_peer }, { "Network", apply_network },
	};
	const struct kzt_conf_section *s;
	unsigned int i, k;

	for (i = 0; i < a->conf.n; i++) {
		s = a->conf.section[i];
		if (kzt_conf_section_known(s->name))
			check_keys(a, s);
		else
			wrong(a, s->line, "there is no section", s->name);
	}
	for (k = 0; k < 3; k++) {
		for (i = 0; i < a->conf.n && !a->err; i++) {
			s = a->conf.section[i];
			if (kzt_conf_is(s->name, kinds[k].name))
				kinds[k].fn(a, s);
		}
	}
	if (!a->err)
		drop_peers(a);
	if (!a->err)
		drop_networks(a);
}

int cmd_apply(int argc, char **argv)
{
	struct apply a = { .changes = json_array() };
	char err[256];

	if (argc != 2)
		return kzt_usage("apply needs a file, - for standard input");
	a.file = argv[1];
	if (kzt_conf_load(&a.conf, a.file, NULL, err))
		return kzt_fail("%s", err);
	a.err = kzt_config_fetch(&a.node, &a.peers, &a.networks);
	if (!a.err)
		apply_sections(&a);
	if (!a.err && kzt_json)
		a.err = kzt_print_json(json_pack("{s:O}", "changes", a.changes));
	kzt_conf_free(&a.conf);
	json_decref(a.changes);
	json_decref(a.node);
	json_decref(a.peers);
	json_decref(a.networks);
	return a.err;
}
