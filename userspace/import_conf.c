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
		kzt_import_left(m, item, "no packet goes unencrypted unless asked to by: kzt path trust %s %llx",
				prefix, (unsigned long long)trusted);
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
	{ "multipathMode", "choose a policy with kzt policy set" },
	{ "defaultBondingPolicy", "choose a policy with kzt policy set" },
	{ "policies", "make them with kzt policy set" },
	{ "peerSpecificBonds", "make them with kzt policy set peer" },
	{ "controllerDbPath", "give the database to kztd" },
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

/* What the ones above deal with */
static bool is_taken(const char *key)
{
	return !strcmp(key, "primaryPort") || !strcmp(key, "secondaryPort") ||
	       !strcmp(key, "allowSecondaryPort") ||
	       !strcmp(key, "interfacePrefixBlacklist");
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
	json_object_foreach((json_t *)o, key, v) {
		if (is_taken(key))
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

static void virtual_one(struct import *m, const char *address, const json_t *o)
{
	const json_t *v, *hints = json_object_get(o, "try");
	char item[128], identity[KZT_ID_TEXT_MAX];
	struct peer_file known;
	const char *why;
	uint64_t n;
	size_t i;

	item_name(item, "virtual", address, "blacklist");
	if (json_array_size(json_object_get(o, "blacklist")))
		kzt_import_left(m, item, "endpoints are denied to the node, not to one peer");
	item_name(item, "virtual", address, "try");
	if (!json_array_size(hints))
		return;
	if (!lax_hex(address, 10, &n) || kzt_import_peer(m, n, &known, &why) ||
	    kzt_id_text(&known.id, false, identity, sizeof(identity))) {
		kzt_import_left(m, item, "its identity is not in peers.d: kzt peer add IDENTITY endpoint ...");
		return;
	}
	fprintf(m->conf, "\n[Peer]\nIdentity = %s\n", identity);
	json_array_foreach(hints, i, v)
		if (json_is_string(v) && hint_ok(json_string_value(v)))
			fprintf(m->conf, "Endpoint = %s\n", json_string_value(v));
	kzt_import_took(m, item, "a static peer");
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

void kzt_import_local_conf(struct import *m)
{
	json_t *doc = load(m);
	const char *key;
	char byte;
	json_t *v;

	if (kzt_import_read(m, "trustedpaths", &byte, 0) != -ENOENT)
		kzt_import_left(m, "trustedpaths", "no packet goes unencrypted unless asked to by: kzt path trust");
	if (!doc)
		return;
	fputs("[Node]\n", m->conf);
	settings(m, json_object_get(doc, "settings"));
	json_object_foreach(json_object_get(doc, "physical"), key, v)
		physical_one(m, key, v);
	json_object_foreach(json_object_get(doc, "virtual"), key, v)
		virtual_one(m, key, v);
	json_decref(doc);
}
