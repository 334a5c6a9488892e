// SPDX-License-Identifier: GPL-2.0
/*
 * zerotier-cli: the command that users of the reference's service know, so that
 * their scripts go on working.  It asks the module and its agent; words, columns
 * and exit statuses are those of that command, where the same things exist.
 */
#include "api_client.h"
#include "bond_json.h"
#include "cli_shim.h"
#include "idtool.h"
#include "kzt.h"
#include "out.h"
#include "service_json.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool kzt_json;
const char *kzt_netns;

int kzt_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	return KZT_FAIL;
}

int kzt_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	return SHIM_USAGE;
}

static int shim_print(json_t *doc)
{
	int err = !doc || json_dumpf(doc, stdout, JSON_INDENT(1)) || putchar('\n') == EOF;

	json_decref(doc);
	return err ? SHIM_REFUSED : SHIM_OK;
}

/* --- the node ------------------------------------------------------------ */

static int shim_info(struct shim *s, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("200 info %s %s %s\n", kzt_get_str(s->node, "address", "0000000000"),
	       KZT_SERVICE_VERSION, kzt_get_bool(s->node, "online") ? "ONLINE" : "OFFLINE");
	return SHIM_OK;
}

static json_t *dump_json(struct shim *s)
{
	return json_pack("{s:o,s:o,s:o}", "status", shim_status_json(s), "networks",
			 shim_networks_json(s), "peers", shim_peers_json(s));
}

/* --- peers ------------------------------------------------------------ */

/* The path that counts: "ip/port", or NULL */
static const json_t *best_path(const json_t *peer)
{
	const json_t *p, *best = NULL;
	size_t i;

	json_array_foreach(json_object_get(peer, "paths"), i, p) {
		if (!strcmp(kzt_get_str(p, "state", ""), "down"))
			continue;
		if (!best || kzt_get_bool(p, "active"))
			best = p;
		if (kzt_get_bool(p, "active"))
			break;
	}
	return best;
}

static const char *role_of(const json_t *peer, char out[KZT_SERVICE_WORD_MAX])
{
	return kzt_service_word(kzt_get_str(peer, "role", "leaf"), out);
}

static int shim_listpeers(struct shim *s, int argc, char **argv)
{
	char text[KZT_ENDPOINT_MAX], role[KZT_SERVICE_WORD_MAX];
	const json_t *peer, *path;
	size_t i;

	(void)argc;
	(void)argv;
	puts("200 listpeers <ztaddr> <path> <latency> <version> <role>");
	json_array_foreach(s->peers, i, peer) {
		path = best_path(peer);
		printf("200 listpeers %s ", kzt_get_str(peer, "address", "?"));
		if (path)
			printf("%s;%llu;%llu", kzt_text_endpoint(kzt_get_str(path, "remote", ""), text),
			       (unsigned long long)kzt_get_int(path, "last-out-ms", 0),
			       (unsigned long long)kzt_get_int(path, "last-in-ms", 0));
		else
			putchar('-');
		printf(" %d %s %s\n", kzt_service_latency(peer), kzt_get_str(peer, "version", "-"),
		       role_of(peer, role));
	}
	return SHIM_OK;
}

static int shim_peers(struct shim *s, int argc, char **argv)
{
	char text[KZT_ENDPOINT_MAX], role[KZT_SERVICE_WORD_MAX];
	const json_t *peer, *path;
	size_t i;

	(void)argc;
	(void)argv;
	puts("200 peers\n<ztaddr>   <ver>  <role> <lat> <link>   <lastTX> <lastRX> <path>");
	json_array_foreach(s->peers, i, peer) {
		path = best_path(peer);
		printf("%s %-6s %-6s %5d ", kzt_get_str(peer, "address", "?"),
		       kzt_get_str(peer, "version", "-"), role_of(peer, role), kzt_service_latency(peer));
		if (path)
			printf("DIRECT   %-8llu %-8llu %s\n",
			       (unsigned long long)kzt_get_int(path, "last-out-ms", 0),
			       (unsigned long long)kzt_get_int(path, "last-in-ms", 0),
			       kzt_text_endpoint(kzt_get_str(path, "remote", ""), text));
		else
			puts("RELAY");
	}
	return SHIM_OK;
}

/* --- networks ------------------------------------------------------------ */

static void print_addresses(const json_t *network)
{
	const json_t *v, *list = json_object_get(network, "addresses");
	size_t i;

	json_array_foreach(list, i, v)
		printf("%s%s", i ? "," : "", json_string_value(v));
	puts(json_array_size(list) ? "" : "-");
}

static int shim_listnetworks(struct shim *s, int argc, char **argv)
{
	const json_t *nw;
	char status[KZT_SERVICE_WORD_MAX];
	const char *name;
	size_t i;

	(void)argc;
	(void)argv;
	puts("200 listnetworks <nwid> <name> <mac> <status> <type> <dev> <ZT assigned ips>");
	json_array_foreach(s->networks, i, nw) {
		name = kzt_get_str(nw, "name", "");
		printf("200 listnetworks %s %s %s %s %s %s ", kzt_get_str(nw, "id", "?"), name,
		       kzt_get_str(nw, "mac", "-"), kzt_service_word(kzt_get_str(nw, "status",
		       "requesting-configuration"), status), kzt_has_word(json_object_get(nw,
		       "flags"), "private") ? "PRIVATE" : "PUBLIC", kzt_get_str(nw, "dev", "-"));
		print_addresses(nw);
	}
	return SHIM_OK;
}

/* By the agent's API, which says why not; the answer, or that it is done */
static int post(struct shim *s, const char *method, const char *path, json_t *body,
		const char *whose, const char *done)
{
	json_t *reply = NULL;

	switch (kzt_api(method, path, body, whose, s->json || !done ? &reply : NULL)) {
	case KZT_OK:
		if (s->json || !done)
			return shim_print(reply);
		puts(done);
		return SHIM_OK;
	case KZT_ABSENT:
		return SHIM_USAGE;
	default:
		return SHIM_REFUSED;
	}
}

/* A network id, without whatever else the reference would take */
static bool is_nwid(const char *word)
{
	if (strlen(word) == 16 && strspn(word, "0123456789abcdefABCDEF") == 16)
		return true;
	kzt_fail("invalid network id");
	return false;
}

static const char *path_of(char path[64], const char *what, const char *id)
{
	snprintf(path, 64, "/%s/%s", what, id);
	return path;
}

static int shim_join(struct shim *s, int argc, char **argv)
{
	char path[64];

	if (argc < 2)
		return kzt_usage("invalid format: must be 'join <network ID>'");
	if (!is_nwid(argv[1]))
		return SHIM_USAGE;
	if (!s->json && shim_network(s, argv[1])) {	/* idempotent */
		puts("200 join OK");
		return SHIM_OK;
	}
	return post(s, "POST", path_of(path, "network", argv[1]), NULL, "network",
		    "200 join OK");
}

static int shim_leave(struct shim *s, int argc, char **argv)
{
	char path[64];

	if (argc < 2)
		return kzt_usage("invalid format: must be 'leave <network ID>'");
	if (!is_nwid(argv[1]))
		return SHIM_USAGE;
	if (!s->json && !shim_network(s, argv[1])) {
		puts("200 leave OK");
		return SHIM_OK;
	}
	return post(s, "DELETE", path_of(path, "network", argv[1]), NULL, "network",
		    "200 leave OK");
}

static const char *const switches[] = {
	"allowManaged", "allowGlobal", "allowDefault", "allowDNS",
};

#define SWITCHES (sizeof(switches) / sizeof(switches[0]))

static int shim_set(struct shim *s, int argc, char **argv)
{
	char *value = argc > 2 ? strchr(argv[2], '=') : NULL;
	char path[64];
	size_t i;

	if (argc < 3 || !value || !is_nwid(argv[1]))
		return kzt_usage("invalid format: must be 'set <network ID> <setting>=<value>'");
	*value++ = 0;
	for (i = 0; i < SWITCHES && strcmp(argv[2], switches[i]); i++)
		;
	if (i == SWITCHES)
		return kzt_usage("%s: no such setting", argv[2]);
	if (!shim_network(s, argv[1])) {
		printf("404 set %s\n", argv[1]);
		return SHIM_REFUSED;
	}
	return post(s, "POST", path_of(path, "network", argv[1]),
		    json_pack("{s:s}", switches[i], value), "network", NULL);
}

/* One address of a kind: of those assigned, or the 6PLANE one */
static int get_address(const json_t *network, const char *kind)
{
	const json_t *v;
	char text[KZT_ENDPOINT_MAX];
	size_t i;
	bool v6;

	json_array_foreach(json_object_get(network, "addresses"), i, v) {
		snprintf(text, sizeof(text), "%s", json_string_value(v));
		v6 = strchr(text, ':');
		if (!strcmp(kind, "ip6plane") && (!v6 || strncmp(text, "fc", 2)))
			continue;
		if ((!strcmp(kind, "ip4") && v6) ||
		    ((!strcmp(kind, "ip6") || !strcmp(kind, "ip6prefix")) && !v6))
			continue;
		if (strcmp(kind, "ip6prefix"))
			text[strcspn(text, "/")] = 0;
		puts(text);
		return SHIM_OK;
	}
	return SHIM_REFUSED;
}

static int shim_get(struct shim *s, int argc, char **argv)
{
	json_t *network, *o, *v;
	int err = SHIM_OK;

	if (argc < 3 || !is_nwid(argv[1]))
		return kzt_usage("invalid format: must be 'get <network ID> <setting>'");
	network = shim_network(s, argv[1]);
	if (!network) {
		kzt_fail("unknown network ID, check that you are a member of the network");
		return SHIM_USAGE;
	}
	if (!strncmp(argv[2], "ip", 2))
		return get_address(network, argv[2]);
	o = shim_network_json(s, network);
	v = json_object_get(o, argv[2]);
	if (!v)
		err = kzt_usage("%s: no such setting", argv[2]);
	else if (json_is_boolean(v))
		puts(json_is_true(v) ? "1" : "0");
	else if (json_is_string(v))
		puts(json_string_value(v));
	else
		json_dumpf(v, stdout, JSON_ENCODE_ANY | JSON_COMPACT), putchar('\n');
	json_decref(o);
	return err;
}

/* --- moons ------------------------------------------------------------ */

/* Any number of hexadecimal digits, as the reference takes it */
static bool moon_id(const char *word, char out[20])
{
	size_t n = strspn(word, "0123456789abcdefABCDEF");

	if (!n || n > 16 || word[n])
		return false;
	snprintf(out, 20, "%016llx", strtoull(word, NULL, 16));
	return true;
}

static int shim_orbit(struct shim *s, int argc, char **argv)
{
	char id[20], seed[20], path[64];

	if (argc < 3 || !moon_id(argv[1], id) || !moon_id(argv[2], seed) ||
	    strncmp(seed, "000000", 6))
		return kzt_usage("invalid format: must be 'orbit <world ID> <seed>'");
	return post(s, "POST", path_of(path, "moon", id), json_pack("{s:s}", "seed", seed + 6),
		    "moon", "200 orbit OK");
}

static int shim_deorbit(struct shim *s, int argc, char **argv)
{
	char id[20], path[64];

	if (argc < 2 || !moon_id(argv[1], id))
		return kzt_usage("invalid format: must be 'deorbit <world ID>'");
	return post(s, "DELETE", path_of(path, "moon", id), NULL, "moon", "200 deorbit OK");
}

/* --- bonds ------------------------------------------------------------ */

static int bond_show(struct shim *s, const char *address)
{
	const json_t *peer = NULL, *path;
	json_t *bond;
	size_t i;

	json_array_foreach(s->peers, i, peer)
		if (!strcasecmp(kzt_get_str(peer, "address", ""), address))
			break;
	if (i == json_array_size(s->peers)) {
		kzt_fail("404 bond %s: no such peer", address);
		return SHIM_REFUSED;
	}
	bond = kzt_bond_json(peer);
	if (s->json)
		return shim_print(bond);
	printf("Peer               : %s\nBond               : %s\nLinks              : %llu/%llu\n\n"
	       "     <if>         <path>                       <lat>  <loss>  <share>\n",
	       kzt_get_str(bond, "address", "?"), kzt_get_str(bond, "bondingPolicyStr", "none"),
	       (unsigned long long)kzt_get_int(bond, "numAliveLinks", 0),
	       (unsigned long long)kzt_get_int(bond, "numTotalLinks", 0));
	json_array_foreach(json_object_get(bond, "paths"), i, path)
		printf("[%2zu] %-12s %-28s %6.2f  %6.4f  %7.2f\n", i,
		       kzt_get_str(path, "ifname", "?"), kzt_get_str(path, "address", "?"),
		       json_number_value(json_object_get(path, "latencyMean")),
		       json_number_value(json_object_get(path, "packetLossRatio")),
		       json_number_value(json_object_get(path, "allocation")));
	json_decref(bond);
	return SHIM_OK;
}

/* @whose: what it may not find */
static int bond_post(struct shim *s, const char *what, const char *whose, const char *const *words)
{
	char path[128];
	int n = snprintf(path, sizeof(path), "/bond/%s", what);

	for (; *words && n < (int)sizeof(path); words++)
		n += snprintf(path + n, sizeof(path) - (size_t)n, "/%s", *words);
	if (n >= (int)sizeof(path))
		return kzt_usage("words that are too long");
	return post(s, "POST", path, NULL, whose, "200 bond OK");
}

static int shim_bond(struct shim *s, int argc, char **argv)
{
	const json_t *peer;
	size_t i;

	if (argc == 3 && (!strcmp(argv[1], "show") || !strcmp(argv[2], "show")))
		return bond_show(s, argv[!strcmp(argv[1], "show") ? 2 : 1]);
	if (argc == 3 && (!strcmp(argv[1], "rotate") || !strcmp(argv[2], "rotate")))
		return bond_post(s, "rotate", "peer", (const char *const []) {
				 argv[!strcmp(argv[1], "rotate") ? 2 : 1], NULL });
	if (argc == 5 && !strcmp(argv[1], "setmtu"))
		return bond_post(s, "setmtu", "path", (const char *const []) {
				 argv[2], argv[3], argv[4], NULL });
	if (argc == 2 && !strcmp(argv[1], "list")) {
		if (s->json)
			return shim_print(shim_peers_json(s));
		puts("<peer>     <bondtype>     <links>");
		json_array_foreach(s->peers, i, peer)
			if (json_array_size(json_object_get(peer, "paths")) > 1)
				printf("%s %-14s %zu\n", kzt_get_str(peer, "address", "?"),
				       kzt_get_str(peer, "policy", "none"),
				       json_array_size(json_object_get(peer, "paths")));
		return SHIM_OK;
	}
	return kzt_usage("bond list, show, rotate and setmtu are all there is here: see kzt policy");
}

/* --- words ------------------------------------------------------------ */

static const struct {
	const char *name;
	int (*run)(struct shim *s, int argc, char **argv);	/* NULL: JSON always */
	json_t *(*json)(struct shim *s);
	const char *usage;
} commands[] = {
	{ "info", shim_info, shim_status_json, "info                    - Display status info" },
	{ "status", shim_info, shim_status_json, NULL },
	{ "listpeers", shim_listpeers, shim_peers_json,
	  "listpeers               - List all peers" },
	{ "peers", shim_peers, shim_peers_json,
	  "peers                   - List all peers (prettier)" },
	{ "listnetworks", shim_listnetworks, shim_networks_json,
	  "listnetworks            - List all networks" },
	{ "join", shim_join, NULL, "join <network ID>       - Join a network" },
	{ "leave", shim_leave, NULL, "leave <network ID>      - Leave a network" },
	{ "set", shim_set, NULL, "set <network ID> <setting>=<value> - Set a network setting" },
	{ "get", shim_get, NULL, "get <network ID> <setting> - Get a network setting" },
	{ "listmoons", NULL, shim_moons_json, "listmoons               - List moons" },
	{ "orbit", shim_orbit, NULL,
	  "orbit <world ID> <seed> - Join a moon via any member root" },
	{ "deorbit", shim_deorbit, NULL, "deorbit <world ID>      - Leave a moon" },
	{ "bond", shim_bond, NULL, "bond list               - List peers with several paths\n"
	  "  bond show <address>     - How those of one are used\n"
	  "  bond rotate <address>   - Use the next one (active-backup)\n"
	  "  bond setmtu <bytes> <interface> <ip> - Set the largest datagram" },
	{ "dump", NULL, dump_json, "dump                    - Everything, as JSON" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(FILE *f, int status)
{
	size_t i;

	fputs("Usage: zerotier-cli [-j] [-h] [-v] [-D<path>] [-p<port>] [-T<token>] <command>\n"
	      "This is kzt's, for scripts; see kzt(8).  -D, -p and -T are taken and mean nothing.\n\n",
	      f);
	for (i = 0; i < COMMANDS; i++)
		if (commands[i].usage)
			fprintf(f, "  %s\n", commands[i].usage);
	return status;
}

static int option(struct shim *s, const char *word)
{
	switch (word[1]) {
	case 'j':
		s->json = true;
		return -1;
	case 'D':
	case 'p':
	case 'T':
		return -1;
	case 'h':
		return usage(stdout, SHIM_OK);
	case 'v':
		puts(KZT_SERVICE_VERSION);
		return SHIM_OK;
	default:
		return usage(stderr, SHIM_USAGE);
	}
}

int main(int argc, char **argv)
{
	struct shim s = { .json = false };
	const char *name = argc ? strrchr(argv[0], '/') : NULL;
	int i, err, status = SHIM_USAGE;
	size_t k;

	if (argc && !strcmp(name ? name + 1 : argv[0], "zerotier-idtool"))
		return idtool(argc, argv);
	/* Options may stand anywhere */
	for (i = 1; i < argc;) {
		if (argv[i][0] != '-') {
			i++;
			continue;
		}
		err = option(&s, argv[i]);
		if (err >= 0)
			return err;
		memmove(argv + i, argv + i + 1, (size_t)(argc - i) * sizeof(*argv));
		argc--;
	}
	if (argc < 2)
		return usage(stderr, SHIM_USAGE);
	for (k = 0; k < COMMANDS && strcmp(argv[1], commands[k].name); k++)
		;
	if (k == COMMANDS)
		return usage(stderr, SHIM_USAGE);
	if (shim_load(&s))
		status = SHIM_USAGE;	/* as if no service answered */
	else if (commands[k].json && (s.json || !commands[k].run))
		status = shim_print(commands[k].json(&s));
	else
		status = commands[k].run(&s, argc - 1, argv + 1);
	shim_unload(&s);
	return fflush(stdout) ? SHIM_REFUSED : status;
}
