// SPDX-License-Identifier: GPL-2.0
/*
 * kzt apply: compare a configuration file with how things are, and change what
 * differs.  Each change is a command of kzt(8), and printed as such.
 *
 * What the file does not speak of stays for the node; static peers and networks
 * that it does not name go.
 */
#include "apply.h"
#include "decode.h"
#include "identity.h"
#include "kzt.h"
#include "out.h"
#include "phys_conf.h"
#include "policy_words.h"
#include "show.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void kzt_apply_add(struct words *w, const char *word)
{
	if (w->n < WORDS_MAX)
		w->word[w->n] = strdup(word);
	if (w->n < WORDS_MAX && w->word[w->n])
		w->n++;
}

void kzt_apply_add2(struct words *w, const char *key, const char *value)
{
	kzt_apply_add(w, key);
	kzt_apply_add(w, value);
}

void kzt_apply_clear(struct words *w)
{
	while (w->n)
		free(w->word[--w->n]);
}

/* Run it as if it had been typed; the first failure ends everything */
void kzt_apply_run(struct apply *a, struct words *w)
{
	static const struct { const char *name; int (*fn)(int argc, char **argv); } cmds[] = {
		{ "node", cmd_node }, { "path", cmd_path }, { "peer", cmd_peer },
		{ "policy", cmd_policy }, { "network", cmd_network },
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
	kzt_apply_clear(w);
}

void kzt_apply_wrong(struct apply *a, unsigned int line, const char *what, const char *word)
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

bool kzt_apply_yes(const char *value)
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
		kzt_apply_add2(w, key, value);
}

/* An item as the decoder writes it */
const char *kzt_apply_item(const char *item, char text[80])
{
	struct sockaddr_storage ss;
	struct kzt_out_prefix p;
	size_t len;

	if (kzt_parse_prefix(item, &p))
		kzt_text_prefix(&p, text, 80);
	else if (kzt_parse_endpoint(item, &ss, &len))
		kzt_text_sockaddr((struct sockaddr *)&ss, len, text, 80);
	else
		return item;
	return text;
}

/*
 * The key @name as a list, which the node, or a peer, has as @word; @nothing: how an
 * empty one is written.  True if it adds to the words that this is another one.
 */
static bool list_words(const json_t *object, struct words *w,
		       const struct kzt_conf_section *s, const char *name, const char *word,
		       const char *nothing)
{
	const json_t *have = json_object_get(object, word), *v;
	unsigned int i, n = 0, found = 0;
	struct words want = { .n = 0 };
	char item[80], text[80];
	bool other;
	size_t k;

	for (i = 0; i < s->n; i++) {
		const char *at = s->key[i].value;

		if (!kzt_conf_is(s->key[i].name, name))
			continue;
		n++;
		while (kzt_conf_item(&at, item, sizeof(item)))
			if (strcmp(item, nothing))
				kzt_apply_add(&want, item);
	}
	for (i = 0; i < want.n; i++)
		json_array_foreach(have, k, v)
			found += !strcmp(json_string_value(v), kzt_apply_item(want.word[i], text));
	other = n && (found != want.n || found != json_array_size(have));
	if (other && !want.n)
		kzt_apply_add2(w, word, nothing);
	for (i = 0; other && i < want.n; i++)
		kzt_apply_add2(w, word, want.word[i]);
	kzt_apply_clear(&want);
	return other;
}

/* The node shows the port that a random one became */
static bool same_secondary_port(const json_t *node, const char *want)
{
	uint64_t have = kzt_get_int(node, "secondary-port", 0);

	if (!strcmp(want, "random"))
		return have;
	return have == (strcmp(want, "off") ? strtoull(want, NULL, 0) : 0);
}

static void apply_phys(struct apply *a, const struct kzt_conf_key *key, int attr)
{
	bool mtu = attr == KZT_A_PHYS_MTU;
	const char *at = key->value, *why;
	struct words w = { .n = 0 };
	struct kzt_phys_conf conf;
	struct kzt_out_prefix p;
	char prefix[80], text[24];
	uint64_t value;
	int got;

	while ((got = kzt_phys_item(&at, attr, &p, &value, &why)) > 0) {
		conf = kzt_phys_get(a->node, &p);
		if (kzt_phys_value(&conf, attr) == value)
			continue;
		kzt_text_prefix(&p, prefix, sizeof(prefix));
		snprintf(text, sizeof(text), mtu ? "%llu" : "%llx", (unsigned long long)value);
		kzt_apply_add2(&w, "path", mtu ? "mtu" : "trust");
		kzt_apply_add2(&w, prefix, text);
		kzt_apply_run(a, &w);
	}
	if (got)
		kzt_apply_wrong(a, key->line, why, key->value);
}

/* @address: of the peer, empty for all peers */
static void apply_policy(struct apply *a, const struct kzt_conf_section *s, const char *address)
{
	const char *line = kzt_conf_get(s, "Policy");
	const json_t *have = kzt_policy_own(a->policies, address);
	char *copy = line ? strdup(line) : NULL, *save = NULL, *word;
	struct words w = { .n = 0 };
	struct kzt_out_req req;
	struct nlmsghdr *nlh = kzt_out_begin(&req, KZT_CMD_POLICY_SET);
	bool unset;

	if (!copy)
		return;
	kzt_apply_add2(&w, "policy", "set");
	if (*address)
		kzt_apply_add2(&w, "peer", address);
	for (word = strtok_r(copy, " \t", &save); word; word = strtok_r(NULL, " \t", &save))
		kzt_apply_add(&w, word);
	if (kzt_policy_put_line(nlh, line, &unset)) {
		kzt_apply_wrong(a, s->line, "no policy, in section", s->name);
		kzt_apply_clear(&w);
	} else if (unset ? !have || !strcmp(kzt_get_str(have, "mode", ""), "none") :
			   have && kzt_policy_has(have, nlh)) {
		kzt_apply_clear(&w);
	} else {
		if (!unset)	/* a file says what shall be, its links may come later */
			kzt_apply_add(&w, "force");
		kzt_apply_run(a, &w);
	}
	free(copy);
}

static void apply_node(struct apply *a, const struct kzt_conf_section *s)
{
	struct words w = { .n = 0 };
	unsigned int i;
	const char *v;

	kzt_apply_add2(&w, "node", "set");
	v = kzt_conf_get(s, "Identity");
	if (v && !same_identity(v, kzt_get_str(a->node, "identity", "")))
		kzt_apply_add2(&w, "identity", v);
	node_number(a, &w, "port", kzt_conf_get(s, "Port"));
	v = kzt_conf_get(s, "FwMark");
	if (v && (json_object_get(a->node, "fwmark") || strtoul(v, NULL, 0)))
		node_number(a, &w, "fwmark", v);
	v = kzt_conf_get(s, "Suite");
	if (v && strcmp(v, kzt_get_str(a->node, "suite", "auto")))
		kzt_apply_add2(&w, "suite", v);
	v = kzt_conf_get(s, "Relay");
	if (v && kzt_apply_yes(v) != kzt_get_bool(a->node, "relay"))
		kzt_apply_add2(&w, "relay", kzt_apply_yes(v) ? "on" : "off");
	v = kzt_conf_get(s, "SecondaryPort");
	if (v && !same_secondary_port(a->node, v))
		kzt_apply_add2(&w, "secondary-port", v);
	v = kzt_conf_get(s, "PathRule");
	if (v && strcmp(v, kzt_get_str(a->node, "path-rule", "full")))
		kzt_apply_add2(&w, "path-rule", v);
	v = kzt_conf_get(s, "Predict");
	if (v && kzt_apply_yes(v) != kzt_get_bool(a->node, "predict"))
		kzt_apply_add2(&w, "predict", kzt_apply_yes(v) ? "on" : "off");
	list_words(a->node, &w, s, "Bind", "bind", "any");
	list_words(a->node, &w, s, "Deny", "deny", "none");
	list_words(a->node, &w, s, "DenyDev", "deny-dev", "none");
	list_words(a->node, &w, s, "Mapped", "mapped", "none");
	if (w.n > 2)
		kzt_apply_run(a, &w);
	kzt_apply_clear(&w);
	for (i = 0; i < s->n; i++) {
		if (kzt_conf_is(s->key[i].name, "PathMTU"))
			apply_phys(a, &s->key[i], KZT_A_PHYS_MTU);
		else if (kzt_conf_is(s->key[i].name, "PathTrust"))
			apply_phys(a, &s->key[i], KZT_A_PHYS_TRUST_ID);
	}
	apply_policy(a, s, "");
}

/* --- peers -------------------------------------------------------------------------- */

json_t *kzt_apply_find(const json_t *list, const char *key, const char *value)
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
	const char *root = kzt_conf_get(s, "Root");
	unsigned int i, n = 0;
	char item[80];

	kzt_apply_add2(&w, "peer", "add");
	kzt_apply_add(&w, identity);
	for (i = 0; i < s->n; i++) {
		const char *at = s->key[i].value;

		if (!kzt_conf_is(s->key[i].name, "Endpoint"))
			continue;
		while (kzt_conf_item(&at, item, sizeof(item))) {
			kzt_apply_add2(&w, "endpoint", item);
			changed |= !has_endpoint(peer, item);
			n++;
		}
	}
	/* Those that are given take the place of those that it has */
	changed |= n && n != json_array_size(json_object_get(peer, "endpoints"));
	if (kzt_apply_yes(root)) {
		kzt_apply_add(&w, "root");
		changed |= !kzt_get_bool(peer, "upstream");
	} else if (root && kzt_get_bool(peer, "upstream") &&
		   !strcmp(kzt_get_str(peer, "role", ""), "leaf")) {	/* a world's stays one */
		kzt_apply_add2(&w, "root", "off");
		changed = true;
	}
	if (list_words(peer, &w, s, "Deny", "deny", "none"))
		changed = true;
	if (changed)
		kzt_apply_run(a, &w);
	kzt_apply_clear(&w);
}

static void apply_peer(struct apply *a, const struct kzt_conf_section *s)
{
	const char *identity = kzt_conf_get(s, "Identity"), *v;
	struct words w = { .n = 0 };
	char address[16];
	json_t *peer;

	if (!identity || !identity_address(identity, address)) {
		kzt_apply_wrong(a, s->line, "a peer without a readable Identity in section", s->name);
		return;
	}
	peer = kzt_apply_find(a->peers, "address", address);
	if (peer)
		json_object_set_new(peer, "wanted", json_true());
	peer_add(a, s, peer, identity);
	v = kzt_conf_get(s, "Mark");
	if (v && strtoull(v, NULL, 0) != kzt_get_int(peer, "mark", 0)) {
		kzt_apply_add2(&w, "peer", "mark");
		kzt_apply_add2(&w, address, v);
		kzt_apply_run(a, &w);
	}
	apply_policy(a, s, address);
	v = kzt_conf_get(s, "Alias");
	if (v && strcmp(v, kzt_get_str(peer, "alias", ""))) {
		kzt_apply_add2(&w, "peer", "alias");
		kzt_apply_add2(&w, address, v);
		kzt_apply_run(a, &w);
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
		kzt_apply_add2(&w, "peer", "del");
		kzt_apply_add(&w, kzt_get_str(peer, "address", ""));
		kzt_apply_run(a, &w);
	}
}

/* --- all of it ------------------------------------------------------------------------ */

static void apply_sections(struct apply *a)
{
	static const struct {
		const char *name;
		void (*fn)(struct apply *a, const struct kzt_conf_section *s);
	} kinds[] = {
		{ "Node", apply_node }, { "Peer", apply_peer },
		{ "Network", kzt_apply_network },
	};
	const struct kzt_conf_section *s;
	unsigned int i, k;

	for (i = 0; i < a->conf.n; i++) {
		s = a->conf.section[i];
		if (kzt_conf_section_known(s->name))
			check_keys(a, s);
		else
			kzt_apply_wrong(a, s->line, "there is no section", s->name);
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
		kzt_apply_drop_networks(a);
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
	a.err = kzt_config_fetch(&a.node, &a.peers, &a.networks, &a.policies);
	if (!a.err)
		apply_sections(&a);
	if (!a.err && kzt_json)
		a.err = kzt_print_json(json_pack("{s:O}", "changes", a.changes));
	kzt_conf_free(&a.conf);
	json_decref(a.changes);
	json_decref(a.node);
	json_decref(a.peers);
	json_decref(a.networks);
	json_decref(a.policies);
	return a.err;
}
