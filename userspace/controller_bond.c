// SPDX-License-Identifier: GPL-2.0
/* The local service API: how several paths of a peer are used (spec 4.13.2). */
#include "bond_json.h"
#include "controller_http.h"
#include "decode.h"
#include "lax.h"
#include "out.h"
#include "phys_conf.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int peer_cb(const struct nlmsghdr *nlh, void *data)
{
	json_t **peer = data;

	json_decref(*peer);
	*peer = kzt_decode_peer(nlh);
	return MNL_CB_OK;
}

/* NULL if there is no such peer */
static json_t *peer_get(struct agent *a, uint64_t address)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_PEER_GET, 0);
	json_t *peer = NULL;

	mnl_attr_put_u64(nlh, KZT_A_PEER_ADDRESS, address);
	if (kzt_nl_talk(&a->cmd, nlh, peer_cb, &peer)) {
		json_decref(peer);
		return NULL;
	}
	return peer;
}

static void bond_show(struct agent *a, struct controller_call *call, uint64_t address)
{
	json_t *peer = peer_get(a, address);

	if (peer)
		controller_answer(call, 200, kzt_bond_json(peer));
	else
		controller_answer(call, 404, json_object());
	json_decref(peer);
}

/* --- the next path ------------------------------ */

/* The one that is used; NULL if that is none, or several */
static const json_t *path_active(const json_t *peer)
{
	const json_t *p, *active = NULL;
	size_t i;

	json_array_foreach(json_object_get(peer, "paths"), i, p) {
		if (!kzt_get_bool(p, "active"))
			continue;
		if (active)
			return NULL;
		active = p;
	}
	return active;
}

/* Behind the active one, in the order in which they are shown; NULL if that is all */
static const json_t *path_next(const json_t *peer, const json_t *active)
{
	const json_t *p, *first = NULL;
	bool behind = false;
	size_t i;

	json_array_foreach(json_object_get(peer, "paths"), i, p) {
		if (p == active)
			behind = true;
		else if (strcmp(kzt_get_str(p, "state", ""), "up"))
			continue;
		else if (behind)
			return p;
		else if (!first)
			first = p;
	}
	return first;
}

static bool path_pinned(const json_t *peer)
{
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(peer, "paths"), i, p)
		if (kzt_get_bool(p, "pinned"))
			return true;
	return false;
}

/* @path: NULL for none */
static int pin(struct agent *a, uint64_t address, const json_t *path)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_PATH_PIN, 0);

	mnl_attr_put_u64(nlh, KZT_A_PIN_ADDRESS, address);
	if (path)
		mnl_attr_put_u32(nlh, KZT_A_PIN_PATH_ID, (uint32_t)kzt_get_int(path, "id", 0));
	return kzt_nl_talk(&a->cmd, nlh, NULL, NULL);
}

/* Why that cannot be; NULL if it can */
static const char *rotate_refusal(const json_t *peer, const json_t *next)
{
	if (strcmp(kzt_get_str(peer, "policy", ""), "active-backup"))
		return "only active-backup has one path in use and others standing by: "
		       "see kzt policy set";
	if (path_pinned(peer))
		return "a path is pinned: see kzt path pin";
	return next ? NULL : "no other path is up";
}

/*
 * Active-backup stays where it is unless it has a reason to leave: pinned to another
 * path for a moment, it goes on from there.
 */
static void bond_rotate(struct agent *a, struct controller_call *call, uint64_t address)
{
	json_t *peer = peer_get(a, address), *after = NULL;
	const json_t *next = path_next(peer, path_active(peer));
	const char *why;

	if (!peer) {
		controller_refuse(call, 404, "no such peer");
		return;
	}
	why = rotate_refusal(peer, next);
	if (why) {
		controller_refuse(call, 409, why);
	} else if (pin(a, address, next) || pin(a, address, NULL)) {
		controller_refuse(call, 500, a->cmd.err);
	} else {
		after = peer_get(a, address);
		if (kzt_get_int(path_active(after), "id", 0) == kzt_get_int(next, "id", 0))
			controller_answer(call, 200, kzt_bond_json(after));
		else
			controller_refuse(call, 409,
				"the policy went back to the path that it prefers: see kzt explain");
	}
	json_decref(peer);
	json_decref(after);
}

/* --- the size of datagrams ------------------------------ */

struct destination {
	struct kzt_out_prefix at;
	char text[INET6_ADDRSTRLEN];	/* as the module's addresses are written */
};

static bool destination_of(const char *text, struct destination *to)
{
	return kzt_parse_address(text, &to->at) &&
	       inet_ntop(to->at.family, to->at.ip, to->text, sizeof(to->text));
}

static bool path_is(const json_t *path, const char *dev, const struct destination *to)
{
	char text[KZT_ENDPOINT_MAX];
	size_t len = strlen(to->text);

	kzt_text_endpoint(kzt_get_str(path, "remote", ""), text);
	return !strcmp(kzt_get_str(path, "dev", ""), dev) &&
	       !strncmp(text, to->text, len) && text[len] == '/';
}

/* The MTU of the paths, whosever, that lead by @dev to @to; 0 if there is none */
static uint64_t paths_mtu(struct agent *a, const char *dev, const struct destination *to)
{
	json_t *list = controller_dump(a, KZT_CMD_PEER_GET, NLM_F_DUMP, kzt_decode_peer);
	const json_t *peer, *path;
	uint64_t mtu = 0;
	size_t i, k;

	json_array_foreach(list, i, peer)
		json_array_foreach(json_object_get(peer, "paths"), k, path)
			if (path_is(path, dev, to))
				mtu = kzt_get_int(path, "mtu", 0);
	json_decref(list);
	return mtu;
}

/* The module replaces all that holds for an address: this keeps the rest */
static int mtu_set(struct agent *a, const struct destination *to, uint32_t mtu)
{
	json_t *node = controller_node_json(a);
	struct kzt_phys_conf conf = kzt_phys_get(node, &to->at);
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NODE_SET, 0);

	json_decref(node);
	conf.mtu = mtu;
	kzt_phys_put(nlh, &to->at, &conf);
	return kzt_nl_talk(&a->cmd, nlh, NULL, NULL);
}

static void mtu_change(struct agent *a, struct controller_call *call, uint32_t mtu,
		       const char *dev, const struct destination *to)
{
	int err = mtu_set(a, to, mtu);
	uint64_t now;

	if (err && (mtu || err != -ENOENT)) {	/* that it was not set is good, too */
		controller_refuse(call, err == -ERANGE ? 400 : 500, a->cmd.err);
		return;
	}
	now = paths_mtu(a, dev, to);
	if (mtu && now != mtu)
		controller_refuse(call, 409, "another setting has precedence: "
				  "see kzt node show and kzt policy show");
	else
		controller_answer(call, 200, json_pack("{s:I}", "mtu", (json_int_t)now));
}

/* @words: MTU/INTERFACE/IP.  kzt has it by address, whatever leads there. */
static void bond_setmtu(struct agent *a, struct controller_call *call, char *words)
{
	char *save = NULL, *mtu = strtok_r(words, "/", &save), *end = NULL;
	char *dev = strtok_r(NULL, "/", &save), *ip = strtok_r(NULL, "/", &save);
	struct destination to;
	unsigned long n;

	n = mtu ? strtoul(mtu, &end, 10) : 0;
	if (!ip || strtok_r(NULL, "/", &save) || *end || n > 65535 ||
	    !destination_of(ip, &to))
		controller_refuse(call, 400, "setmtu takes bytes, an interface, an IP address");
	else if (!paths_mtu(a, dev, &to))
		controller_refuse(call, 404, "no path leads by this interface to this address");
	else
		mtu_change(a, call, (uint32_t)n, dev, &to);
}

void controller_bond(struct agent *a, struct controller_call *call, const char *what,
		     char *words)
{
	bool get = call->method == METHOD_GET, post = call->method == METHOD_POST;
	char *save = NULL, *id;
	uint64_t address;

	if (what && words && post && !strcmp(what, "setmtu")) {
		bond_setmtu(a, call, words);
		return;
	}
	id = words ? strtok_r(words, "/", &save) : NULL;
	if (!id || strtok_r(NULL, "/", &save) || !lax_hex(id, 10, &address))
		controller_answer(call, 404, NULL);
	else if (get && !strcmp(what, "show"))
		bond_show(a, call, address);
	else if (post && !strcmp(what, "rotate"))
		bond_rotate(a, call, address);
	else
		controller_answer(call, 404, NULL);
}
