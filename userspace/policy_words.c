// SPDX-License-Identifier: GPL-2.0
/* A multipath policy in words. */
#include "policy_words.h"
#include "decode.h"
#include "kzt.h"
#include "match.h"
#include "out.h"
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#define LINE_WORDS 256

const char *const kzt_policy_modes[] = {
	"none", "random", "proportional", "manual", "active-backup", "broadcast",
	"balance-rr", "balance-xor", "balance-aware", "default", "peer", NULL,
};

enum kind {
	NUMBER, LINK, SCOPE_MAX, FORCE, RESELECT, FAILBACK, PER_FLOW,
	/* of the link before it: */
	LINK_NUMBER, LINK_TEXT, LINK_PRIMARY, LINK_SPARE,
};

/*
 * Behind a link all of them may stand, elsewhere those from @policy_keys on: first the
 * numbers that policy show prints, with their keys in JSON
 */
static const struct key {
	const char *word;
	enum kind kind;
	uint16_t attr;
} keys[] = {
	{ "primary", LINK_PRIMARY, KZT_A_POLICY_LINK_PRIMARY },
	{ "spare", LINK_SPARE, KZT_A_POLICY_LINK_PRIMARY },
	{ "weight", LINK_NUMBER, KZT_A_POLICY_LINK_WEIGHT },
	{ "capacity", LINK_NUMBER, KZT_A_POLICY_LINK_CAPACITY },
	{ "mtu", LINK_NUMBER, KZT_A_POLICY_LINK_MTU },
	{ "ip", LINK_TEXT, KZT_A_POLICY_LINK_IPVER },
	{ "failover-to", LINK_TEXT, KZT_A_POLICY_LINK_FAILOVER_TO },
	{ "failover-ms", NUMBER, KZT_A_POLICY_FAILOVER_MS },
	{ "up-delay-ms", NUMBER, KZT_A_POLICY_UP_DELAY_MS },
	{ "down-delay-ms", NUMBER, KZT_A_POLICY_DOWN_DELAY_MS },
	{ "dwell-ms", NUMBER, KZT_A_POLICY_DWELL_MS },
	{ "hysteresis-ppm", NUMBER, KZT_A_POLICY_HYSTERESIS_PPM },
	{ "packets-per-link", NUMBER, KZT_A_POLICY_PACKETS_PER_LINK },
	{ "max-legs", NUMBER, KZT_A_POLICY_MAX_LEGS },
	{ "family-max-4", NUMBER, KZT_A_POLICY_FAMILY_MAX_4 },
	{ "family-max-6", NUMBER, KZT_A_POLICY_FAMILY_MAX_6 },
	{ "latency-max-us", NUMBER, KZT_A_POLICY_LATENCY_MAX_US },
	{ "jitter-max-us", NUMBER, KZT_A_POLICY_JITTER_MAX_US },
	{ "loss-max-ppm", NUMBER, KZT_A_POLICY_LOSS_MAX_PPM },
	{ "error-max-ppm", NUMBER, KZT_A_POLICY_ERROR_MAX_PPM },
	{ "latency-weight-ppm", NUMBER, KZT_A_POLICY_LATENCY_WEIGHT_PPM },
	{ "jitter-weight-ppm", NUMBER, KZT_A_POLICY_JITTER_WEIGHT_PPM },
	{ "loss-weight-ppm", NUMBER, KZT_A_POLICY_LOSS_WEIGHT_PPM },
	{ "error-weight-ppm", NUMBER, KZT_A_POLICY_ERROR_WEIGHT_PPM },
	{ "link", LINK, KZT_A_POLICY_LINK },
	{ "scope-max", SCOPE_MAX, KZT_A_POLICY_SCOPE_MAX },
	{ "force", FORCE, KZT_A_POLICY_FORCE },
	{ "reselect", RESELECT, KZT_A_POLICY_RESELECT },
	{ "failback", FAILBACK, KZT_A_POLICY_RESELECT },
	{ "per-flow", PER_FLOW, KZT_A_POLICY_PER_FLOW },
	{ NULL, NUMBER, 0 },
};

#define LINK_KEYS 7

static const struct key *const policy_keys = keys + LINK_KEYS;

struct words {
	int argc;
	char **argv;
	int i;
	struct nlmsghdr *nlh;
	unsigned int links;
};

static int put_link_word(struct words *w, const struct key *key, bool *primary)
{
	const char *value;
	uint64_t n;

	if (key->kind == LINK_PRIMARY || key->kind == LINK_SPARE) {
		*primary = key->kind == LINK_PRIMARY;
		return KZT_OK;
	}
	value = kzt_arg_value(w->argc, w->argv, &w->i);
	if (!value)
		return KZT_USAGE;
	if (key->kind == LINK_TEXT) {
		mnl_attr_put_strz(w->nlh, key->attr, value);
		return KZT_OK;
	}
	if (!kzt_arg_number(key->word, value, UINT32_MAX, &n))
		return KZT_USAGE;
	mnl_attr_put_u32(w->nlh, key->attr, (uint32_t)n);
	return KZT_OK;
}

/* link DEV [primary|spare] [weight N] ... */
static int put_link(struct words *w)
{
	const char *dev = kzt_arg_value(w->argc, w->argv, &w->i);
	struct nlattr *nest;
	bool primary = true;
	int key, err = KZT_OK;

	if (!dev)
		return KZT_USAGE;
	if (strlen(dev) >= IFNAMSIZ)
		return kzt_usage("link: \"%s\" is too long for an interface", dev);
	if (++w->links > KZT_POLICY_LINKS)
		return kzt_usage("more than %d links", KZT_POLICY_LINKS);
	nest = mnl_attr_nest_start(w->nlh, KZT_A_POLICY_LINK);
	mnl_attr_put_strz(w->nlh, KZT_A_POLICY_LINK_NAME, dev);
	while (!err && w->i + 1 < w->argc) {
		key = kzt_match_table(w->argv[w->i + 1], keys, sizeof(keys[0]));
		if (key == KZT_AMBIGUOUS)
			return kzt_match_told(w->argv[w->i + 1], keys, sizeof(keys[0]));
		if (key < 0 || key >= LINK_KEYS)
			break;
		w->i++;
		err = put_link_word(w, &keys[key], &primary);
	}
	mnl_attr_put_u8(w->nlh, KZT_A_POLICY_LINK_PRIMARY, primary);
	mnl_attr_nest_end(w->nlh, nest);
	return err;
}

/* scope-max SCOPE=N */
static int put_scope(struct words *w)
{
	const char *word = kzt_arg_value(w->argc, w->argv, &w->i);
	unsigned int scope, n;
	struct nlattr *nest;
	char end;

	if (!word)
		return KZT_USAGE;
	if (sscanf(word, "%u=%u%c", &scope, &n, &end) != 2)
		return kzt_usage("scope-max: \"%s\" is not SCOPE=PATHS", word);
	nest = mnl_attr_nest_start(w->nlh, KZT_A_POLICY_SCOPE_MAX);
	mnl_attr_put_u32(w->nlh, KZT_A_SCOPE_CAP_SCOPE, scope);
	mnl_attr_put_u32(w->nlh, KZT_A_SCOPE_CAP_PATHS, n);
	mnl_attr_nest_end(w->nlh, nest);
	return KZT_OK;
}

static int put_value(struct words *w, const struct key *key)
{
	const char *value = kzt_arg_value(w->argc, w->argv, &w->i);
	uint64_t n;
	bool on;

	if (!value)
		return KZT_USAGE;
	if (key->kind == RESELECT) {
		mnl_attr_put_strz(w->nlh, key->attr, value);
		return KZT_OK;
	}
	if (key->kind == NUMBER) {
		if (!kzt_arg_number(key->word, value, UINT32_MAX, &n))
			return KZT_USAGE;
		mnl_attr_put_u32(w->nlh, key->attr, (uint32_t)n);
		return KZT_OK;
	}
	if (!kzt_arg_on_off(key->word, value, &on))
		return KZT_USAGE;
	if (key->kind == FAILBACK)
		mnl_attr_put_strz(w->nlh, key->attr, on ? "always" : "failure");
	else
		mnl_attr_put_u8(w->nlh, key->attr, on);
	return KZT_OK;
}

static int put_word(struct words *w)
{
	int i = kzt_arg_table(w->argv[w->i], policy_keys, sizeof(keys[0]));
	const struct key *key;

	if (i < 0)
		return KZT_USAGE;
	key = policy_keys + i;
	switch (key->kind) {
	case LINK:
		return put_link(w);
	case SCOPE_MAX:
		return put_scope(w);
	case FORCE:
		mnl_attr_put(w->nlh, key->attr, 0, NULL);
		return KZT_OK;
	default:
		return put_value(w, key);
	}
}

const char *kzt_policy_number(unsigned int i)
{
	return policy_keys[i].word;
}

int kzt_policy_put(struct nlmsghdr *nlh, int argc, char **argv, int i)
{
	struct words w = { argc, argv, i, nlh, 0 };
	int err = KZT_OK;

	for (; w.i < argc && !err; w.i++)
		err = kzt_out_room(nlh) ? put_word(&w) : KZT_USAGE;
	return err;
}

int kzt_policy_put_line(struct nlmsghdr *nlh, const char *line, bool *unset)
{
	char *copy = strdup(line), *save = NULL, *argv[LINE_WORDS], *word;
	int argc = 0, mode = -1, err = KZT_USAGE;

	for (word = copy ? strtok_r(copy, " \t", &save) : NULL; word && argc < LINE_WORDS;
	     word = strtok_r(NULL, " \t", &save))
		argv[argc++] = word;
	if (!argc || word)
		kzt_usage("a policy needs the name of one, and 255 words at most behind it");
	else
		mode = kzt_arg_choice("policy", argv[0], kzt_policy_modes);
	*unset = mode == KZT_POLICY_DEFAULT;
	if (*unset)
		err = argc > 1 ? kzt_arg_surplus(argv[1]) : KZT_OK;
	else if (mode == KZT_POLICY_PEER)
		kzt_arg_surplus(argv[0]);
	else if (mode >= 0) {
		mnl_attr_put_strz(nlh, KZT_A_POLICY_MODE, kzt_policy_modes[mode]);
		mnl_attr_put(nlh, KZT_A_POLICY_FORCE, 0, NULL);
		err = kzt_policy_put(nlh, argc, argv, 1);
	}
	free(copy);
	return err;
}

/* --- back into words ------------------------------------------------------------- */

static unsigned int number(const json_t *o, const char *key)
{
	return (unsigned int)kzt_get_int(o, key, 0);
}

static void print_link(FILE *f, const json_t *link)
{
	fprintf(f, " link %s %s ip %s weight %u", kzt_get_str(link, "name", "?"),
		kzt_get_bool(link, "primary") ? "primary" : "spare",
		kzt_get_str(link, "ipver", "any"), number(link, "weight"));
	if (number(link, "capacity"))
		fprintf(f, " capacity %u", number(link, "capacity"));
	if (number(link, "mtu"))
		fprintf(f, " mtu %u", number(link, "mtu"));
	if (json_object_get(link, "failover-to"))
		fprintf(f, " failover-to %s", kzt_get_str(link, "failover-to", "?"));
}

void kzt_policy_print_line(FILE *f, const json_t *policy)
{
	const char *mode = kzt_get_str(policy, "mode", "none");
	const struct key *key;
	const json_t *v;
	size_t i;

	fputs(mode, f);
	if (!strcmp(mode, "none"))
		return;
	fprintf(f, " reselect %s per-flow %s", kzt_get_str(policy, "reselect", "always"),
		kzt_get_bool(policy, "per-flow") ? "on" : "off");
	for (key = policy_keys; key->kind == NUMBER && key->word; key++)
		fprintf(f, " %s %u", key->word, number(policy, key->word));
	json_array_foreach(json_object_get(policy, "scope-max"), i, v)
		fprintf(f, " scope-max %u=%u", number(v, "scope"), number(v, "paths"));
	json_array_foreach(json_object_get(policy, "links"), i, v)
		print_link(f, v);
}

const json_t *kzt_policy_own(const json_t *policies, const char *address)
{
	const json_t *policy;
	size_t i;

	json_array_foreach(policies, i, policy)
		if (!strcmp(kzt_get_str(policy, "address", ""), address) &&
		    (!*address || kzt_get_bool(policy, "own")))
			return policy;
	return NULL;
}

/* Every member of @want is in @have */
static bool has_all(const json_t *have, const json_t *want)
{
	const json_t *v;
	const char *key;
	size_t i;

	if (json_is_array(want)) {
		if (json_array_size(have) != json_array_size(want))
			return false;
		json_array_foreach(want, i, v)
			if (!has_all(json_array_get(have, i), v))
				return false;
		return true;
	}
	if (!json_is_object(want))
		return json_equal(have, want);
	json_object_foreach((json_t *)want, key, v)
		if (!has_all(json_object_get(have, key), v))
			return false;
	return true;
}

bool kzt_policy_has(const json_t *policy, const struct nlmsghdr *nlh)
{
	json_t *want = kzt_decode_policy(nlh);
	bool same;

	/* An empty list is that nothing was said of it, but for the links */
	if (!json_array_size(json_object_get(want, "scope-max")))
		json_object_del(want, "scope-max");
	json_object_del(want, "missing");
	same = has_all(policy, want);
	json_decref(want);
	return same;
}
