// SPDX-License-Identifier: GPL-2.0
/* kzt import: local.conf (spec 2.19). */
#include "import.h"
#include "identity.h"
#include "lax.h"
#include "out.h"
#include "phys_conf.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#define LOCAL_CONF_MAX (1 << 20)

/* Strictly: the reference reads a bad address as 0.0.0.0 */
static bool prefix_ok(const char *text)
{
	uint8_t ip[16];
	char copy[64], *slash, *end;
	unsigned long bits;
	bool v6;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (!slash)
		return false;
	*slash = 0;
	v6 = strchr(copy, ':');
	bits = strtoul(slash + 1, &end, 10);
	return inet_pton(v6 ? AF_INET6 : AF_INET, copy, ip) == 1 && end != slash + 1 &&
	       !*end && bits && bits <= (v6 ? 128u : 32u);
}

static void item_name(char out[128], const char *object, const char *key, const char *member)
{
	snprintf(out, 128, "%s.%s%s%s", object, key, member ? "." : "", member ? member : "");
}

/* The reference takes what is out of bounds for the bound */
static uint64_t mtu_clamp(uint64_t mtu)
{
	if (mtu < KZT_PHYS_MTU_MIN)
		return KZT_PHYS_MTU_MIN;
	return mtu < KZT_PHYS_MTU_MAX ? mtu : KZT_PHYS_MTU_MAX;
}

/* --- physical ------------------------------------------------------------------------- */

/* As it was asked for there; the node shows it loudly */
static void trusted_path(struct import *m, const char *item, const char *prefix, uint64_t id)
{
	if (!prefix_ok(prefix)) {
		kzt_import_left(m, item, "not a prefix");
		return;
	}
	fprintf(m->conf, "PathTrust = %s %llx\n", prefix, (unsigned long long)id);
	kzt_import_took(m, item, "packets to and from it are neither encrypted nor authenticated, as before");
}

/* The reference asks the widest of several prefixes, the module the narrowest */
static void nested(struct import *m, const json_t *all)
{
	const json_t *o, *other_o;
	struct kzt_out_prefix p, q;
	const char *prefix, *other;
	char item[128];

	json_object_foreach((json_t *)all, prefix, o) {
		json_object_foreach((json_t *)all, other, other_o) {
			if (!prefix_ok(prefix) || !prefix_ok(other) ||
			    !kzt_parse_prefix(prefix, &p) || !kzt_parse_prefix(other, &q) ||
			    p.family != q.family || p.len <= q.len)
				continue;
			p.len = q.len;
			kzt_prefix_cut(&p);
			if (memcmp(p.ip, q.ip, sizeof(p.ip)))
				continue;
			item_name(item, "physical", prefix, NULL);
			kzt_import_left(m, item, "lies in %s, which would decide there: here it decides itself",
					other);
		}
	}
}

static void physical_one(struct import *m, const char *prefix, const json_t *o)
{
	uint64_t trusted = lax_uint(json_object_get(o, "trustedPathId"), 0);
	int64_t mtu = (int64_t)lax_uint(json_object_get(o, "mtu"), 0);
	char item[128];

	item_name(item, "physical", prefix, "blacklist");
	if (lax_bool(json_object_get(o, "blacklist"), false)) {
		if (prefix_ok(prefix)) {
			fprintf(m->conf, "Deny = %s\n", prefix);
			kzt_import_took(m, item, "denied to the node");
		} else {
			kzt_import_left(m, item, "not a prefix");
		}
	}
	item_name(item, "physical", prefix, "trustedPathId");
	if (trusted)
		trusted_path(m, item, prefix, trusted);
	item_name(item, "physical", prefix, "mtu");
	if (mtu > 0 && prefix_ok(prefix)) {
		fprintf(m->conf, "PathMTU = %s %llu\n", prefix,
			(unsigned long long)mtu_clamp((uint64_t)mtu));
		kzt_import_took(m, item, "%llu bytes", (unsigned long long)mtu_clamp((uint64_t)mtu));
	} else if (mtu > 0) {
		kzt_import_left(m, item, "not a prefix");
	}
}

/* --- settings ------------------------------------------------------------------------- */

/* Settings that are not honoured, and why */
static const struct { const char *key, *why; } ignored[] = {
	{ "tertiaryPort", "the node has two ports at most" },
	{ "portMappingEnabled", "no port is mapped by UPnP or NAT-PMP" },
	{ "bind", "sockets are bound to a device, not to addresses: see Bind in kzt(8)" },
	{ "allowManagementFrom", "the local API answers this machine only" },
	{ "allowTcpFallbackRelay", "there is no TCP fallback" },
	{ "forceTcpRelay", "there is no TCP fallback" },
	{ "tcpFallbackRelay", "there is no TCP fallback" },
	{ "lowBandwidthMode", "idle peers cost little anyway" },
	{ "multipathMode", "defaultBondingPolicy counts, or it is no mode" },
	{ "controllerDbPath", "once kztd runs, kzt controller import takes the networks there" },
	{ "multicoreEnabled", "all CPUs are used" },
	{ "concurrency", "all CPUs are used" },
	{ "cpuPinningEnabled", "the kernel schedules its workers" },
	{ "softwareUpdate", "packages are updated by the distribution" },
};

/* The reference takes a random one by itself; here only what is named */
static void secondary_port(struct import *m, const json_t *o)
{
	const json_t *port = json_object_get(o, "secondaryPort");
	bool allowed = lax_bool(json_object_get(o, "allowSecondaryPort"), true);
	uint64_t n = lax_uint(port, 0);

	if (json_object_get(o, "allowSecondaryPort"))
		kzt_import_took(m, "settings.allowSecondaryPort", allowed ?
				"the one that is named is used" : "there is none");
	if (!port)
		return;
	if (!allowed || n > 65535) {
		kzt_import_left(m, "settings.secondaryPort", allowed ? "not a port" :
				"allowSecondaryPort is off");
		return;
	}
	fprintf(m->conf, n ? "SecondaryPort = %llu\n" : "SecondaryPort = random\n",
		(unsigned long long)n);
	kzt_import_took(m, "settings.secondaryPort", "a second port");
}

static void denied_devices(struct import *m, const json_t *o)
{
	const json_t *v;
	char item[128];
	size_t i;

	json_array_foreach(json_object_get(o, "interfacePrefixBlacklist"), i, v) {
		const char *name = json_string_value(v);

		item_name(item, "settings", "interfacePrefixBlacklist", name ? name : "?");
		if (name && *name && strlen(name) < IF_NAMESIZE &&
		    !strpbrk(name, " \t\r\n,#;/")) {
			fprintf(m->conf, "DenyDev = %s\n", name);
			kzt_import_took(m, item, "no path by devices whose name begins so");
		} else {
			kzt_import_left(m, item, "not how a device's name begins");
		}
	}
}

/* What is dealt with by itself */
static bool is_taken(const json_t *o, const char *key)
{
	static const char *const taken[] = {
		"primaryPort", "secondaryPort", "allowSecondaryPort",
		"interfacePrefixBlacklist", "defaultBondingPolicy", "policies",
		"peerSpecificBonds", NULL,
	};
	const char *const *word;

	for (word = taken; *word; word++)
		if (!strcmp(key, *word))
			return true;
	return !strcmp(key, "multipathMode") && !json_object_get(o, "defaultBondingPolicy") &&
	       lax_uint(json_object_get(o, key), 0) < 3;
}

static void settings(struct import *m, const json_t *o)
{
	const json_t *port = json_object_get(o, "primaryPort");
	uint64_t n = lax_uint(port, 9993);
	char item[128];
	const char *key;
	const json_t *v;
	size_t i;

	if (port && n <= 65535) {
		fprintf(m->conf, "Port = %llu\n", (unsigned long long)n);
		kzt_import_took(m, "settings.primaryPort", "port %llu", (unsigned long long)n);
	} else if (port) {
		kzt_import_left(m, "settings.primaryPort", "not a port");
	}
	secondary_port(m, o);
	denied_devices(m, o);
	kzt_import_default_policy(m, o);
	kzt_import_policies(m, o);
	json_object_foreach((json_t *)o, key, v) {
		if (is_taken(o, key))
			continue;
		item_name(item, "settings", key, NULL);
		for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
			if (!strcmp(key, ignored[i].key))
				break;
		kzt_import_left(m, item, "%s", i < sizeof(ignored) / sizeof(ignored[0]) ?
				ignored[i].why : "not known");
	}
}

/* --- virtual ---------------------------------------------------------------------------- */

static bool hint_ok(const char *text)
{
	struct sockaddr_storage ss;
	size_t len;

	return strchr(text, '/') && kzt_arg_endpoint(text, &ss, &len);
}

/* One of the lists of a peer, as @key lines */
static void virtual_list(struct import *m, const char *address, const char *member,
			 const json_t *list, const char *key, bool (*ok)(const char *text))
{
	unsigned int good = 0;
	char item[128];
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		if (!json_is_string(v) || !ok(json_string_value(v)))
			continue;
		fprintf(m->conf, "%s = %s\n", key, json_string_value(v));
		good++;
	}
	item_name(item, "virtual", address, member);
	if (good)
		kzt_import_took(m, item, "of a static peer, %u", good);
	if (good < json_array_size(list))
		kzt_import_left(m, item, "%u that are none", (unsigned int)json_array_size(list) - good);
}

/* What is said of a peer: @o in "virtual", @bond the name of a policy; NULL for nothing */
static void peer_one(struct import *m, const json_t *settings, const char *address,
		     const json_t *o, const char *bond)
{
	const json_t *hints = json_object_get(o, "try");
	const json_t *denied = json_object_get(o, "blacklist");
	char item[128], identity[KZT_ID_TEXT_MAX];
	struct peer_file known;
	const char *why;
	uint64_t n;

	if (!json_array_size(hints) && !json_array_size(denied) && !bond)
		return;
	if (!lax_hex(address, 10, &n) || kzt_import_peer(m, n, &known, &why) ||
	    kzt_id_text(&known.id, false, identity, sizeof(identity))) {
		item_name(item, o ? "virtual" : "settings.peerSpecificBonds", address, NULL);
		kzt_import_left(m, item, "its identity is not in peers.d: kzt peer add IDENTITY, then what it shall have");
		return;
	}
	fprintf(m->conf, "\n[Peer]\nIdentity = %s\n", identity);
	virtual_list(m, address, "try", hints, "Endpoint", hint_ok);
	virtual_list(m, address, "blacklist", denied, "Deny", prefix_ok);
	item_name(item, "settings.peerSpecificBonds", address, NULL);
	if (bond)
		kzt_import_policy(m, settings, bond, item);
}

static void peers(struct import *m, const json_t *settings, const json_t *hints)
{
	const json_t *v, *bonds = json_object_get(settings, "peerSpecificBonds");
	const char *address;

	json_object_foreach((json_t *)hints, address, v)
		peer_one(m, settings, address, v, kzt_get_str(bonds, address, NULL));
	json_object_foreach((json_t *)bonds, address, v)
		if (!json_object_get(hints, address) && json_is_string(v))
			peer_one(m, settings, address, NULL, json_string_value(v));
}

/* --- the file ---------------------------------------------------------------------------- */

static json_t *load(struct import *m)
{
	char *text = malloc(LOCAL_CONF_MAX);
	json_error_t why;
	json_t *doc = NULL;
	ssize_t n;

	n = text ? kzt_import_read(m, "local.conf", text, LOCAL_CONF_MAX) : -1;
	if (n > 0) {
		doc = json_loadb(text, (size_t)n, 0, &why);
		if (!json_is_object(doc)) {
			kzt_import_left(m, "local.conf", "line %d: %s", doc ? 1 : why.line,
					doc ? "not an object" : why.text);
			json_decref(doc);
			doc = NULL;
		}
	}
	free(text);
	return doc;
}

/* The old form: ID=PREFIX, a line each or with blanks between, ID in hexadecimal */
static void old_trusted(struct import *m)
{
	char text[4096], item[128], *word, *eq, *end, *save = NULL;
	ssize_t n = kzt_import_read(m, "trustedpaths", text, sizeof(text) - 1);
	unsigned long long id;

	if (n == -ENOENT)
		return;
	if (n < 0) {
		kzt_import_left(m, "trustedpaths", "%s", strerror((int)-n));
		return;
	}
	text[n] = 0;
	for (word = strtok_r(text, " \t\r\n", &save); word; word = strtok_r(NULL, " \t\r\n", &save)) {
		eq = strchr(word, '=');
		snprintf(item, sizeof(item), "trustedpaths.%.64s", eq ? eq + 1 : word);
		id = eq ? strtoull(word, &end, 16) : 0;
		if (id && end == eq)
			trusted_path(m, item, eq + 1, id);
		else
			kzt_import_left(m, item, "not ID=PREFIX");
	}
}

void kzt_import_local_conf(struct import *m)
{
	char byte;
	bool old = kzt_import_read(m, "trustedpaths", &byte, 0) != -ENOENT;
	json_t *doc = load(m);
	const json_t *physical = json_object_get(doc, "physical");
	const char *key;
	json_t *v;

	if (!doc && !old)
		return;
	fputs("[Node]\n", m->conf);
	settings(m, json_object_get(doc, "settings"));
	json_object_foreach((json_t *)physical, key, v)
		physical_one(m, key, v);
	nested(m, physical);
	old_trusted(m);
	peers(m, json_object_get(doc, "settings"), json_object_get(doc, "virtual"));
	json_decref(doc);
}
