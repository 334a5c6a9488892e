// SPDX-License-Identifier: GPL-2.0
/*
 * kzt import: bonding policies of local.conf (spec 2.19; what they do: spec 3,
 * 3.20.2), as the words that "kzt policy set" takes.
 */
#include "import.h"
#include "lax.h"
#include "out.h"
#include "policy_words.h"
#include <net/if.h>
#include <string.h>

#define FAILOVER_MIN_MS 500
#define FAILOVER_MAX_MS 600000
#define DELAY_MAX_MS 600000
#define LINK_MTU_MIN 548
#define LINK_MTU_MAX 10024

static const char *const standard[] = {
	"active-backup", "broadcast", "balance-rr", "balance-xor", "balance-aware", NULL,
};

static bool is_one_of(const char *word, const char *const *words)
{
	for (; word && *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* A number between bounds, whose type the reference coerces */
static unsigned int between(const json_t *o, const char *key, uint64_t min, uint64_t max)
{
	int64_t n = (int64_t)lax_uint(json_object_get(o, key), 0);

	if (n < (int64_t)min)
		return (unsigned int)min;
	return (unsigned int)((uint64_t)n < max ? (uint64_t)n : max);
}

/* --- links ------------------------------------------------------------ */

/* As a word between others */
static bool device_ok(const char *name)
{
	return *name && strlen(name) < IF_NAMESIZE && !strpbrk(name, " \t\r\n/");
}

/* An IP version that is none switches the link off, as does a fail-over of a spare */
static const char *link_wrong(const json_t *links, const char *name, const json_t *o)
{
	const char *to = kzt_get_str(o, "failoverTo", "");
	uint64_t ip = lax_uint(json_object_get(o, "ipvPref"), 0);

	if (!device_ok(name))
		return "that is not the name of a device";
	if (ip && ip != 4 && ip != 6 && ip != 46 && ip != 64)
		return "its ipvPref is none, which switches it off";
	if (*to && strcmp(kzt_get_str(o, "mode", "spare"), "primary"))
		return "a spare fails over to nothing, which switches it off";
	if (*to && (!json_object_get(links, to) || !strcmp(to, name)))
		return "it fails over to a device that is not in the policy";
	return NULL;
}

static void put_link(FILE *f, const char *name, const json_t *o)
{
	unsigned int ip = between(o, "ipvPref", 0, 64);
	unsigned int capacity = between(o, "capacity", 0, UINT32_MAX);
	const char *to = kzt_get_str(o, "failoverTo", "");

	fprintf(f, " link %s %s", name, !strcmp(kzt_get_str(o, "mode", "spare"), "primary") ?
		"primary" : "spare");
	if (ip)
		fprintf(f, " ip %u", ip);
	if (capacity)
		fprintf(f, " capacity %u", capacity);
	if (between(o, "mtu", 0, LINK_MTU_MAX))
		fprintf(f, " mtu %u", between(o, "mtu", LINK_MTU_MIN, LINK_MTU_MAX));
	if (*to)
		fprintf(f, " failover-to %s", to);
}

static void put_links(struct import *m, FILE *f, const char *item, const json_t *links)
{
	unsigned int n = 0;
	char name[192];
	const char *dev, *why;
	const json_t *o;

	json_object_foreach((json_t *)links, dev, o) {
		why = link_wrong(links, dev, o);
		if (!why && n == KZT_POLICY_LINKS)
			why = "a policy has eight links at most";
		if (why) {
			snprintf(name, sizeof(name), "%s.links.%.32s", item, dev);
			kzt_import_left(m, name, "%s", why);
			continue;
		}
		put_link(f, dev, o);
		n++;
	}
}

/* --- numbers ------------------------------------------------------------ */

static const struct quality {
	const char *key, *word;
	double unit;		/* of ours in one of theirs */
} qualities[] = {
	{ "lat_max", "latency-max-us", 1e3 }, { "pdv_max", "jitter-max-us", 1e3 },
	{ "plr_max", "loss-max-ppm", 1e6 }, { "per_max", "error-max-ppm", 1e6 },
	{ "lat_weight", "latency-weight-ppm", 1e6 }, { "pdv_weight", "jitter-weight-ppm", 1e6 },
	{ "plr_weight", "loss-weight-ppm", 1e6 }, { "per_weight", "error-weight-ppm", 1e6 },
};

#define QUALITIES (sizeof(qualities) / sizeof(qualities[0]))

/* All eight of them, weights that add up to the whole: otherwise there are none */
static bool qualities_ok(const json_t *o)
{
	double v, weights = 0;
	unsigned int i;

	if (json_object_size(o) != QUALITIES)
		return false;
	for (i = 0; i < QUALITIES; i++) {
		if (!json_is_number(json_object_get(o, qualities[i].key)))
			return false;
		v = json_number_value(json_object_get(o, qualities[i].key));
		if (v < 0 || v * qualities[i].unit >= UINT32_MAX)
			return false;
		if (i < 4 && (v * qualities[i].unit < 1 || (i >= 2 && v > 1)))
			return false;	/* a limit that is none */
		if (i >= 4)
			weights += v;
	}
	return weights > 0.99 && weights < 1.01;
}

static void put_qualities(struct import *m, FILE *f, const char *item, const json_t *o)
{
	unsigned int i;
	char name[160];

	if (!o)
		return;
	if (!qualities_ok(o)) {
		snprintf(name, sizeof(name), "%s.linkQuality", item);
		kzt_import_left(m, name, "not eight limits and weights: the usual ones count");
		return;
	}
	for (i = 0; i < QUALITIES; i++)
		fprintf(f, " %s %.0f", qualities[i].word, qualities[i].unit *
			json_number_value(json_object_get(o, qualities[i].key)));
}

static void put_ms(FILE *f, const json_t *o, const char *key, const char *word)
{
	if (between(o, key, 0, DELAY_MAX_MS))
		fprintf(f, " %s %u", word, between(o, key, 0, DELAY_MAX_MS));
}

static void put_custom(struct import *m, FILE *f, const char *item, const json_t *o)
{
	static const char *const reselects[] = {
		"always", "better", "failure", "optimize", NULL,
	};
	const char *reselect = kzt_get_str(o, "activeReselect", NULL);

	fputs(kzt_get_str(o, "basePolicy", "none"), f);
	if (is_one_of(reselect, reselects))
		fprintf(f, " reselect %s", reselect);
	if (json_object_get(o, "failoverInterval"))
		fprintf(f, " failover-ms %u", between(o, "failoverInterval", FAILOVER_MIN_MS,
						      FAILOVER_MAX_MS));
	put_ms(f, o, "upDelay", "up-delay-ms");
	put_ms(f, o, "downDelay", "down-delay-ms");
	if (between(o, "packetsPerLink", 0, UINT32_MAX))
		fprintf(f, " packets-per-link %u", between(o, "packetsPerLink", 0, UINT32_MAX));
	put_qualities(m, f, item, json_object_get(o, "linkQuality"));
	put_links(m, f, item, json_object_get(o, "links"));
}

/* --- which ------------------------------------------------------------ */

/* A policy of the file's own, or NULL */
static const json_t *custom(const json_t *settings, const char *name)
{
	const json_t *o = json_object_get(json_object_get(settings, "policies"), name);

	return is_one_of(kzt_get_str(o, "basePolicy", NULL), standard) &&
	       !is_one_of(name, standard) ? o : NULL;
}

bool kzt_import_policy(struct import *m, const json_t *settings, const char *name,
		       const char *item)
{
	const json_t *o = custom(settings, name);
	char own[128];

	if (!o && !is_one_of(name, standard) && strcmp(name, "none")) {
		kzt_import_left(m, item, "there is no such policy");
		return false;
	}
	fputs("Policy = ", m->conf);
	if (o) {
		snprintf(own, sizeof(own), "settings.policies.%.64s", name);
		put_custom(m, m->conf, own, o);
	} else {
		fputs(name, m->conf);
	}
	fputc('\n', m->conf);
	kzt_import_took(m, item, "%s", o ? kzt_get_str(o, "basePolicy", "") : name);
	return true;
}

void kzt_import_default_policy(struct import *m, const json_t *settings)
{
	static const char *const old[] = { "none", "random", "proportional" };
	const char *name = kzt_get_str(settings, "defaultBondingPolicy", "");
	uint64_t n = lax_uint(json_object_get(settings, "multipathMode"), 0);

	if (*name) {
		kzt_import_policy(m, settings, name, "settings.defaultBondingPolicy");
	} else if (n < 3 && json_object_get(settings, "multipathMode")) {
		fprintf(m->conf, "Policy = %s\n", old[n]);
		kzt_import_took(m, "settings.multipathMode", "%s", old[n]);
	}
}

/* What became of each: one that nobody has is written nowhere */
void kzt_import_policies(struct import *m, const json_t *settings)
{
	const json_t *v, *bonds = json_object_get(settings, "peerSpecificBonds");
	const char *name, *key;
	char item[128];
	bool used;

	json_object_foreach(json_object_get(settings, "policies"), name, v) {
		snprintf(item, sizeof(item), "settings.policies.%.64s", name);
		if (!custom(settings, name)) {
			kzt_import_left(m, item, "named like a standard one, or its basePolicy is none");
			continue;
		}
		used = !strcmp(name, kzt_get_str(settings, "defaultBondingPolicy", ""));
		json_object_foreach((json_t *)bonds, key, v)
			used |= json_is_string(v) && !strcmp(name, json_string_value(v));
		if (used)
			kzt_import_took(m, item, "where it is used");
		else
			kzt_import_left(m, item, "no peer has it");
	}
}
