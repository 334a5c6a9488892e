// SPDX-License-Identifier: GPL-2.0
/* kzt node: the node of this network namespace. */
#include "decode.h"
#include "identity.h"
#include "kzt.h"
#include "match.h"
#include "out.h"
#include "show.h"
#include <errno.h>
#include <net/if.h>
#include <string.h>

/* Read the secret, send it as binary, keep no copy */
static int put_identity(struct nlmsghdr *nlh, const char *file)
{
	uint8_t blob[KZT_ID_BINARY_SECRET_LEN];
	const char *why = NULL;
	struct kzt_id id;
	int err;

	err = kzt_id_load(&id, file, &why);
	if (err)
		return kzt_fail("%s: %s", file, why ? why : strerror(-err));
	if (!id.has_secret)
		err = kzt_fail("%s: holds no secret key", file);
	else if (kzt_id_validate(&id, &why))
		err = kzt_fail("%s: %s", file, why ? why : "not a valid identity");
	if (!err) {
		kzt_id_binary(&id, true, blob);
		mnl_attr_put(nlh, KZT_A_NODE_IDENTITY_SECRET, sizeof(blob), blob);
		explicit_bzero(blob, sizeof(blob));
	}
	kzt_id_wipe(&id);
	return err;
}

/* One of several: the module knows how many there may be */
static int put_bind(struct nlmsghdr *nlh, const char *dev)
{
	unsigned int ifindex = 0;

	if (strcmp(dev, "any")) {
		ifindex = if_nametoindex(dev);
		if (!ifindex)
			return kzt_fail("no device \"%s\" here: %s", dev,
					strerror(errno));
	}
	mnl_attr_put_u32(nlh, KZT_A_NODE_BIND_IFINDEX, ifindex);
	return KZT_OK;
}

static int put_deny(struct nlmsghdr *nlh, const char *word, unsigned int *n)
{
	struct kzt_out_prefix p;

	if (!strcmp(word, "none")) {
		mnl_attr_put(nlh, KZT_A_NODE_DENY_CLEAR, 0, NULL);
		return KZT_OK;
	}
	if (!kzt_arg_prefix(word, &p))
		return KZT_USAGE;
	if (++*n > 64)
		return kzt_fail("more than 64 prefixes to deny");
	kzt_nl_put_prefix(nlh, KZT_A_NODE_DENY, &p);
	return KZT_OK;
}

static int put_secondary_port(struct nlmsghdr *nlh, const char *word)
{
	uint64_t n = 0;

	if (!strcmp(word, "random"))
		n = KZT_PORT_RANDOM;
	else if (strcmp(word, "off") &&
		 !kzt_arg_number("secondary-port", word, 65535, &n))
		return KZT_USAGE;
	mnl_attr_put_u32(nlh, KZT_A_NODE_SECONDARY_PORT, (uint32_t)n);
	return KZT_OK;
}

static int put_deny_dev(struct nlmsghdr *nlh, const char *word)
{
	if (!strcmp(word, "none"))
		mnl_attr_put(nlh, KZT_A_NODE_DENY_DEV_CLEAR, 0, NULL);
	else if (!*word || strlen(word) >= IF_NAMESIZE)
		return kzt_usage("\"%s\" cannot begin the name of a device", word);
	else
		mnl_attr_put_strz(nlh, KZT_A_NODE_DENY_DEV, word);
	return KZT_OK;
}

static int put_mapped(struct nlmsghdr *nlh, const char *word)
{
	struct sockaddr_storage ss;
	size_t len;

	if (!strcmp(word, "none")) {
		mnl_attr_put(nlh, KZT_A_NODE_MAPPED_CLEAR, 0, NULL);
		return KZT_OK;
	}
	if (!kzt_arg_endpoint(word, &ss, &len))
		return KZT_USAGE;
	mnl_attr_put(nlh, KZT_A_NODE_MAPPED, len, &ss);
	return KZT_OK;
}

static int put_path_rule(struct nlmsghdr *nlh, const char *word)
{
	int rule = kzt_arg_choice("path-rule", word, kzt_path_rules);

	if (rule < 0)
		return KZT_USAGE;
	mnl_attr_put_u32(nlh, KZT_A_NODE_PATH_RULE, (uint32_t)rule);
	return KZT_OK;
}

static int put_suite(struct nlmsghdr *nlh, const char *word)
{
	int suite = kzt_arg_choice("suite", word, kzt_suites);

	if (suite < 0)
		return KZT_USAGE;
	mnl_attr_put_u32(nlh, KZT_A_NODE_SUITE, (uint32_t)suite);
	return KZT_OK;
}

struct node_args {
	struct nlmsghdr *nlh;
	unsigned int n_deny;
	const char *identity;
};

enum {
	IDENTITY, PORT, FWMARK, BIND, DENY, DENY_DEV, SECONDARY_PORT, MAPPED, PATH_RULE,
	PREDICT, SUITE, RELAY,
};

static const char *const set_keys[] = {
	[IDENTITY] = "identity", [PORT] = "port", [FWMARK] = "fwmark", [BIND] = "bind",
	[DENY] = "deny", [DENY_DEV] = "deny-dev", [SECONDARY_PORT] = "secondary-port",
	[MAPPED] = "mapped", [PATH_RULE] = "path-rule", [PREDICT] = "predict",
	[SUITE] = "suite", [RELAY] = "relay", NULL,
};

static int put_switch(struct nlmsghdr *nlh, uint16_t attr, const char *key, const char *value)
{
	bool on;

	if (!kzt_arg_on_off(key, value, &on))
		return KZT_USAGE;
	mnl_attr_put_u8(nlh, attr, on);
	return KZT_OK;
}

static int put_port(struct nlmsghdr *nlh, const char *value)
{
	uint64_t n;

	if (!kzt_arg_number("port", value, 65535, &n))
		return KZT_USAGE;
	mnl_attr_put_u16(nlh, KZT_A_NODE_PORT, (uint16_t)n);
	return KZT_OK;
}

static int put_fwmark(struct nlmsghdr *nlh, const char *value)
{
	uint64_t n = 0;

	if (strcmp(value, "off") && !kzt_arg_number("fwmark", value, UINT32_MAX, &n))
		return KZT_USAGE;
	mnl_attr_put_u32(nlh, KZT_A_NODE_FWMARK, (uint32_t)n);
	return KZT_OK;
}

static int put_setting(struct node_args *a, const char *word, const char *value)
{
	switch (kzt_arg_word(word, set_keys)) {
	case IDENTITY:
		a->identity = value;	/* last: a secret waits for nobody */
		return KZT_OK;
	case PORT:
		return put_port(a->nlh, value);
	case FWMARK:
		return put_fwmark(a->nlh, value);
	case BIND:
		return put_bind(a->nlh, value);
	case DENY:
		return put_deny(a->nlh, value, &a->n_deny);
	case DENY_DEV:
		return put_deny_dev(a->nlh, value);
	case SECONDARY_PORT:
		return put_secondary_port(a->nlh, value);
	case MAPPED:
		return put_mapped(a->nlh, value);
	case PATH_RULE:
		return put_path_rule(a->nlh, value);
	case PREDICT:
		return put_switch(a->nlh, KZT_A_NODE_PREDICT, "predict", value);
	case SUITE:
		return put_suite(a->nlh, value);
	case RELAY:
		return put_switch(a->nlh, KZT_A_NODE_RELAY, "relay", value);
	default:
		return KZT_USAGE;
	}
}

static int node_set(int argc, char **argv)
{
	struct kzt_out_req req;
	struct node_args a = { .nlh = kzt_out_begin(&req, KZT_CMD_NODE_SET) };
	const char *key, *value;
	int i, err = KZT_OK;

	if (argc < 2)
		return kzt_usage("node set needs something to set");
	for (i = 1; i < argc && !err; i++) {
		key = argv[i];
		value = kzt_arg_value(argc, argv, &i);
		err = value && kzt_out_room(a.nlh) ?
		      put_setting(&a, key, value) : KZT_USAGE;
	}
	if (!err && a.identity)
		err = put_identity(a.nlh, a.identity);
	return err ? err : kzt_out_talk(a.nlh, NULL, NULL);
}

static void print_line(const char *key, const char *value)
{
	if (value)
		printf("  %s: %s\n", key, value);
}

static void print_list(const json_t *node, const char *key)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(node, key), i, v)
		print_line(key, json_string_value(v));
}

/* A trusted path has no protection at all: nobody should overlook one */
static void print_phys(const json_t *node)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(node, "phys"), i, v) {
		printf("  path %s:", kzt_get_str(v, "prefix", "?"));
		if (kzt_get_int(v, "mtu", 0))
			printf(" mtu %u", (unsigned int)kzt_get_int(v, "mtu", 0));
		if (json_object_get(v, "trust-id"))
			printf(" %sTRUSTED, NOT ENCRYPTED%s: id %s", kzt_bold(),
			       kzt_plain(), kzt_get_str(v, "trust-id", "?"));
		printf("\n");
	}
}

static void print_node(const json_t *node)
{

	if (!kzt_get_str(node, "address", NULL)) {
		kzt_show_no_node(node);
		return;
	}
	printf("%snode %s%s\n", kzt_bold(), kzt_get_str(node, "address", "?"),
	       kzt_plain());
	print_line("identity", kzt_get_str(node, "identity", NULL));
	print_line("online", kzt_get_bool(node, "online") ? "yes" : "no");
	print_line("root", kzt_get_bool(node, "upstream") ? "yes" : "no");
	printf("  port: %u", (unsigned int)kzt_get_int(node, "port", 0));
	if (json_object_get(node, "secondary-port"))
		printf(", %u",
		       (unsigned int)kzt_get_int(node, "secondary-port", 0));
	printf("\n");
	if (kzt_get_int(node, "fwmark", 0))
		printf("  fwmark: 0x%x\n",
		       (unsigned int)kzt_get_int(node, "fwmark", 0));
	print_list(node, "bind");
	print_line("suite", kzt_get_str(node, "suite", NULL));
	print_line("relay", kzt_get_bool(node, "relay") ? "on" : "off");
	print_line("planet", kzt_get_str(node, "planet-id", NULL));
	print_list(node, "deny");
	print_list(node, "deny-dev");
	print_list(node, "mapped");
	print_line("path-rule", kzt_get_str(node, "path-rule", NULL));
	print_line("predict", kzt_get_bool(node, "predict") ? "on" : NULL);
	print_phys(node);
	printf("  peers: %u\n  paths: %u\n",
	       (unsigned int)kzt_get_int(node, "peers", 0),
	       (unsigned int)kzt_get_int(node, "paths", 0));
	print_line("agent", kzt_get_bool(node, "agent") ? "yes" : "no");
	print_line("version", kzt_get_str(node, "version", NULL));
}

static int node_show(int argc, char **argv)
{
	json_t *node;
	int err;

	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	err = kzt_fetch_once(kzt_fetch_node, &node);
	if (err)
		return err;
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "node", node));
	print_node(node);
	json_decref(node);
	return KZT_OK;
}

static int node_del(int argc, char **argv)
{
	struct kzt_out_req req;

	if (argc > 1)
		return kzt_arg_surplus(argv[1]);
	return kzt_out_talk(kzt_out_begin(&req, KZT_CMD_NODE_DEL), NULL, NULL);
}

int cmd_node(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "set", node_set,
		  "[identity FILE] [port N] [fwmark N] [bind DEV]... [deny PREFIX]... [deny-dev NAME]... [secondary-port N|random|off] [mapped IP/PORT]... [path-rule full|sparse] [predict on|off] [suite auto|salsa|siv] [relay on|off]",
		  "make the node or change it; the secret is read from FILE" },
		{ "show", node_show, "", "print it" },
		{ "del", node_del, "", "take it down; devices stay, idle" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt node", argc, argv);
}
