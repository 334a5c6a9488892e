// SPDX-License-Identifier: GPL-2.0
/* kzt explain: why a peer is direct, relayed or silent. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include "show.h"
#include "words.h"
#include "world.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void fact(json_t *list, json_t *sentence)
{
	json_array_append_new(list, sentence);
}

static void node_facts(json_t *list, const json_t *node)
{
	if (!json_object_get(node, "address"))
		fact(list, json_string("this node has no identity yet"));
	else if (!kzt_get_bool(node, "online"))
		fact(list, json_string("this node is offline: no root was heard from within 500 s"));
	if (!kzt_get_bool(node, "agent"))
		fact(list, json_string("no agent (kztd) runs here: strangers cannot be validated"));
}

/* 0 if a route leads there from sockets as the node's are; nothing is sent */
static int route_error(const json_t *node, const char *endpoint)
{
	const json_t *bind = json_object_get(node, "bind");
	unsigned int mark = (unsigned int)kzt_get_int(node, "fwmark", 0);
	struct sockaddr_storage ss;
	int fd, err = 0;
	size_t len;

	if (!kzt_parse_endpoint(endpoint, &ss, &len))
		return 0;
	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		err = errno;
	if (!err && json_array_size(bind) == 1) {
		const char *dev = json_string_value(json_array_get(bind, 0));

		if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, (socklen_t)strlen(dev)))
			err = errno;
	}
	if (!err && connect(fd, (struct sockaddr *)&ss, (socklen_t)len))
		err = errno;
	close(fd);
	return err;
}

static void path_fact(json_t *list, const json_t *node, const json_t *path)
{
	const char *state = kzt_get_str(path, "state", "?");
	unsigned int id = (unsigned int)kzt_get_int(path, "id", 0);
	const char *remote = kzt_get_str(path, "remote", "?");

	const char *dev = kzt_get_str(path, "dev", "?");
	double share = (double)kzt_get_int(path, "share-ppm", 0) / 10000;
	int err;

	if (json_object_get(path, "last-in-ms"))
		fact(list, json_sprintf("path %u by %s to %s is %s, heard %s, has %.0f %% of the traffic: %s",
					id, dev, remote, state,
					kzt_text_age(kzt_get_int(path, "last-in-ms", 0)),
					share, kzt_get_str(path, "why", "no reason known")));
	else
		fact(list, json_sprintf("path %u by %s to %s is %s, never heard: %s",
					id, dev, remote, state,
					kzt_get_str(path, "why", "no reason known")));
	err = route_error(node, remote);
	if (err)
		fact(list, json_sprintf("nothing can be sent by path %u: no route leads to %s%s: %s",
					id, remote, kzt_get_int(node, "fwmark", 0) ?
					" with the node's fwmark" : "", strerror(err)));
}

/* Which policy it has, and whether that does what it is for */
static void policy_fact(json_t *list, struct kzt_nl *nl, const char *address)
{
	const json_t *policy;
	json_t *policies;
	size_t i;

	if (kzt_fetch_policies(nl, &policies))
		return;
	json_array_foreach(policies, i, policy) {
		const char *of = kzt_get_str(policy, "address", NULL);
		bool in_force = kzt_get_bool(policy, "in-force");

		if (!of || strcmp(of, address))
			continue;
		fact(list, json_sprintf("policy %s is %s%s%s",
					kzt_get_str(policy, "mode", "?"),
					in_force ? "in force" : "not in force",
					in_force ? "" : ": ",
					in_force ? "" : kzt_get_str(policy, "inert", "?")));
	}
	json_decref(policies);
}

static void peer_facts(json_t *list, const json_t *node, const json_t *peer)
{
	const json_t *path, *paths = json_object_get(peer, "paths");
	uint64_t failures = kzt_get_int(peer, "auth-failures", 0);
	size_t i;

	if (json_object_get(peer, "last-receive-ms"))
		fact(list, json_sprintf("heard %s", kzt_text_age(kzt_get_int(peer,
							"last-receive-ms", 0))));
	else
		fact(list, json_string("nothing authentic was ever received from it"));
	if (json_object_get(peer, "version"))
		fact(list, json_sprintf("it runs version %s, protocol %u, and is sent suite %s",
					kzt_get_str(peer, "version", "?"),
					(unsigned int)kzt_get_int(peer, "proto", 0),
					kzt_get_str(peer, "suite", "?")));
	if (kzt_get_bool(peer, "static"))
		fact(list, json_string("it was added by hand and never expires"));
	if (!json_array_size(paths))
		fact(list, json_string("no path to it is known"));
	json_array_foreach(paths, i, path)
		path_fact(list, node, path);
	if (failures)
		fact(list, json_sprintf("%llu packets that claimed to be its were not authentic",
					(unsigned long long)failures));
}

/* --- where it was looked for ----------------------------------------------------- */

struct root {
	uint64_t address;
	json_t *endpoints;
};

/* What the worlds in force say of a root */
static int root_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_WORLD_MAX + 1], *blob;
	struct kzt_world_info w;
	struct root *r = data;
	unsigned int i, k;
	char text[80];

	kzt_nl_attrs(nlh, tb, KZT_A_WORLD_MAX);
	blob = tb[KZT_A_WORLD_BLOB];
	if (!blob || kzt_world_parse_blob(&w, mnl_attr_get_payload(blob),
					  mnl_attr_get_payload_len(blob), NULL))
		return MNL_CB_OK;
	for (i = 0; i < w.n_roots; i++) {
		for (k = 0; w.root[i].id.address == r->address &&
			    k < w.root[i].n_endpoints; k++) {
			kzt_text_sockaddr((const struct sockaddr *)&w.root[i].endpoint[k],
					  sizeof(w.root[i].endpoint[k]), text, sizeof(text));
			json_array_append_new(r->endpoints, json_string(text));
		}
	}
	return MNL_CB_OK;
}

/* The prefix in a list around an endpoint, or NULL */
static const char *prefix_around(const json_t *list, const char *endpoint)
{
	struct sockaddr_storage ss;
	struct kzt_out_prefix p;
	const json_t *v;
	size_t i, len;

	if (!kzt_parse_endpoint(endpoint, &ss, &len))
		return NULL;
	json_array_foreach(list, i, v)
		if (kzt_parse_prefix(json_string_value(v), &p) && kzt_prefix_holds(&p, &ss))
			return json_string_value(v);
	return NULL;
}

/* Of a peer without a path, and of one that is silent: which endpoints it may have */
static void endpoint_facts(json_t *list, struct kzt_nl *nl, const json_t *node,
			   const json_t *peer, uint64_t address)
{
	json_t *v, *known = json_deep_copy(json_object_get(peer, "endpoints"));
	struct root root = { address, known ? known : json_array() };
	const char *denied;
	size_t i;
	int err;

	if (!json_array_size(root.endpoints))
		kzt_nl_simple(nl, KZT_CMD_WORLD_GET, NLM_F_DUMP, root_cb, &root);
	json_array_foreach(root.endpoints, i, v) {
		denied = prefix_around(json_object_get(node, "deny"), json_string_value(v));
		if (!denied)
			denied = prefix_around(json_object_get(peer, "deny"),
					       json_string_value(v));
		err = route_error(node, json_string_value(v));
		if (denied)
			fact(list, json_sprintf("it may be at %s, but %s is denied",
						json_string_value(v), denied));
		else if (err)
			fact(list, json_sprintf("it may be at %s, but no route leads there: %s",
						json_string_value(v), strerror(err)));
		else
			fact(list, json_sprintf("it may be at %s, which a route leads to, but it has not answered",
						json_string_value(v)));
	}
	json_decref(root.endpoints);
}

static void relay_fact(json_t *list, struct kzt_nl *nl, const json_t *peer)
{
	const char *via = kzt_get_str(peer, "relay-via", NULL);
	uint64_t address;
	json_t *relay;

	if (!via || !kzt_arg_address(via, &address) ||
	    kzt_fetch_peer(nl, address, &relay))
		return;
	fact(list, json_sprintf("the relay %s is %s", via,
				kzt_get_str(relay, "link", "?")));
	json_decref(relay);
}

static int answer(const char *address, const json_t *peer, json_t *list)
{
	const char *link = peer ? kzt_get_str(peer, "link", "none") : NULL;
	const char *reason = peer ? kzt_get_str(peer, "reason", "") :
			     "unknown: this node has not met it";
	const json_t *v;
	size_t i;

	if (kzt_json)
		return kzt_print_json(json_pack("{s:{s:s,s:s*,s:s,s:O}}", "peer",
						"address", address, "link", link,
						"reason", reason, "facts", list));
	printf("%speer %s%s  %s\n", kzt_bold(), address, kzt_plain(), reason);
	json_array_foreach(list, i, v)
		printf("  %s\n", json_string_value(v));
	return KZT_OK;
}

int cmd_explain(int argc, char **argv)
{
	json_t *list, *node = NULL, *peer = NULL;
	uint64_t address;
	struct kzt_nl nl;
	int err;

	if (argc != 2)
		return kzt_usage("explain needs an address");
	if (!kzt_arg_address(argv[1], &address))
		return KZT_USAGE;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	list = json_array();
	err = kzt_fetch_node(&nl, &node);
	if (!err) {
		int code = kzt_fetch_peer(&nl, address, &peer);

		if (code && code != -ENOENT)
			err = kzt_out_refused(&nl, code);
	}
	if (!err) {
		char text[16];

		node_facts(list, node);
		if (peer) {
			peer_facts(list, node, peer);
			if (strcmp(kzt_get_str(peer, "link", "none"), "direct"))
				endpoint_facts(list, &nl, node, peer, address);
			policy_fact(list, &nl, kzt_get_str(peer, "address", ""));
			relay_fact(list, &nl, peer);
		}
		snprintf(text, sizeof(text), KZT_PRIADDR,
			 (unsigned long long)address);
		err = answer(text, peer, list);
	}
	kzt_nl_close(&nl);
	json_decref(list);
	json_decref(node);
	json_decref(peer);
	return err;
}
