// SPDX-License-Identifier: GPL-2.0
/* Questions to the family, and their answers as JSON. */
#include "decode.h"
#include "kzt.h"
#include "out.h"
#include <errno.h>

struct fetch {
	json_t *(*decode)(const struct nlmsghdr *nlh);
	json_t *list;		/* of a dump */
	json_t *one;		/* of a do */
};

static int fetch_cb(const struct nlmsghdr *nlh, void *data)
{
	struct fetch *f = data;
	json_t *o = f->decode(nlh);

	if (f->list) {
		json_array_append_new(f->list, o);
	} else {
		json_decref(f->one);
		f->one = o;
	}
	return MNL_CB_OK;
}

static int fetch(struct kzt_nl *nl, struct nlmsghdr *nlh,
		 json_t *(*decode)(const struct nlmsghdr *nlh), json_t **out)
{
	struct fetch f = { .decode = decode };
	int err;

	if (nlh->nlmsg_flags & NLM_F_DUMP)
		f.list = json_array();
	err = kzt_nl_talk(nl, nlh, fetch_cb, &f);
	if (!err && !f.list && !f.one)
		err = -ENODATA;
	if (err) {
		json_decref(f.list);
		json_decref(f.one);
		return err;
	}
	*out = f.list ? f.list : f.one;
	return 0;
}

static int fetch_or_say(struct kzt_nl *nl, struct nlmsghdr *nlh,
			json_t *(*decode)(const struct nlmsghdr *nlh),
			json_t **out)
{
	int err = fetch(nl, nlh, decode, out);

	return err ? kzt_out_refused(nl, err) : KZT_OK;
}

int kzt_fetch_node(struct kzt_nl *nl, json_t **out)
{
	return fetch_or_say(nl, kzt_nl_begin(nl, KZT_CMD_NODE_GET, 0),
			    kzt_decode_node, out);
}

int kzt_fetch_peers(struct kzt_nl *nl, json_t **out)
{
	return fetch_or_say(nl, kzt_nl_begin(nl, KZT_CMD_PEER_GET, NLM_F_DUMP),
			    kzt_decode_peer, out);
}

int kzt_fetch_networks(struct kzt_nl *nl, json_t **out)
{
	return fetch_or_say(nl, kzt_nl_begin(nl, KZT_CMD_NETWORK_GET, NLM_F_DUMP),
			    kzt_decode_network, out);
}

int kzt_fetch_counters(struct kzt_nl *nl, json_t **out)
{
	return fetch_or_say(nl, kzt_nl_begin(nl, KZT_CMD_STATS_GET, 0),
			    kzt_decode_counters, out);
}

int kzt_fetch_policies(struct kzt_nl *nl, json_t **out)
{
	return fetch_or_say(nl, kzt_nl_begin(nl, KZT_CMD_POLICY_GET, NLM_F_DUMP),
			    kzt_decode_policy, out);
}

int kzt_fetch_peer(struct kzt_nl *nl, uint64_t address, json_t **out)
{
	struct nlmsghdr *nlh = kzt_nl_begin(nl, KZT_CMD_PEER_GET, 0);

	mnl_attr_put_u64(nlh, KZT_A_PEER_ADDRESS, address);
	return fetch(nl, nlh, kzt_decode_peer, out);
}

int kzt_fetch_peers_of(struct kzt_nl *nl, uint64_t address, json_t **out)
{
	json_t *one;
	int err;

	if (!address)
		return kzt_fetch_peers(nl, out);
	err = kzt_fetch_peer(nl, address, &one);
	if (err)
		return kzt_out_refused(nl, err);
	*out = json_pack("[o]", one);
	return KZT_OK;
}

int kzt_fetch_once(int (*fetch)(struct kzt_nl *nl, json_t **out), json_t **out)
{
	struct kzt_nl nl;
	int err = kzt_out_open(&nl);

	if (err)
		return err;
	err = fetch(&nl, out);
	kzt_nl_close(&nl);
	return err;
}

int kzt_fetch_network(struct kzt_nl *nl, uint64_t nwid, json_t **out)
{
	struct nlmsghdr *nlh = kzt_nl_begin(nl, KZT_CMD_NETWORK_GET, 0);

	mnl_attr_put_u64(nlh, KZT_A_NETWORK_ID, nwid);
	return fetch(nl, nlh, kzt_decode_network, out);
}

/* A dump of what belongs to a network is empty, too, if there is none of its id */
static int network_exists(struct kzt_nl *nl, uint64_t nwid)
{
	json_t *network;
	int err = kzt_fetch_network(nl, nwid, &network);

	if (err)
		return kzt_out_refused(nl, err);
	json_decref(network);
	return KZT_OK;
}

int kzt_fetch_members(struct kzt_nl *nl, uint64_t nwid, json_t **out)
{
	int err = network_exists(nl, nwid);
	struct nlmsghdr *nlh;

	if (err)
		return err;
	nlh = kzt_nl_begin(nl, KZT_CMD_MEMBER_GET, NLM_F_DUMP);
	mnl_attr_put_u64(nlh, KZT_A_MEMBER_NETWORK, nwid);
	return fetch_or_say(nl, nlh, kzt_decode_member, out);
}

int kzt_fetch_groups(struct kzt_nl *nl, uint64_t nwid, json_t **out)
{
	int err = nwid ? network_exists(nl, nwid) : KZT_OK;
	struct nlmsghdr *nlh;

	if (err)
		return err;
	nlh = kzt_nl_begin(nl, KZT_CMD_GROUP_GET, NLM_F_DUMP);
	if (nwid)
		mnl_attr_put_u64(nlh, KZT_A_GROUP_NETWORK, nwid);
	return fetch_or_say(nl, nlh, kzt_decode_group, out);
}

int kzt_fetch_fdb(struct kzt_nl *nl, uint64_t nwid, json_t **out)
{
	int err = network_exists(nl, nwid);
	struct nlmsghdr *nlh;

	if (err)
		return err;
	nlh = kzt_nl_begin(nl, KZT_CMD_FDB_GET, NLM_F_DUMP);
	mnl_attr_put_u64(nlh, KZT_A_FDB_NETWORK, nwid);
	return fetch_or_say(nl, nlh, kzt_decode_fdb, out);
}
