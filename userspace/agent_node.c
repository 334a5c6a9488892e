// SPDX-License-Identifier: GPL-2.0
/* The node of this namespace: its identity and its packet counter. */
#include "agent.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOOR_PERIOD_MS 60000
/*
 * What the kernel may count beyond the floor before the next one is written:
 * 70 million packets a second.
 */
#define FLOOR_RESERVE (1ULL << 32)

struct node_info {
	uint64_t address;		/* 0: there is no identity */
	uint64_t counter;
	uint64_t planet;
	uint8_t identity[KZT_ID_BINARY_LEN];
	bool agent, online;
};

static int node_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_NODE_MAX + 1];
	struct node_info *info = data;

	kzt_nl_attrs(nlh, tb, KZT_A_NODE_MAX);
	info->address = kzt_attr_uint(tb[KZT_A_NODE_ADDRESS], 0);
	info->counter = kzt_attr_uint(tb[KZT_A_NODE_ID_COUNTER], 0);
	info->planet = kzt_attr_uint(tb[KZT_A_NODE_PLANET_ID], 0);
	info->agent = kzt_attr_uint(tb[KZT_A_NODE_AGENT], 0);
	info->online = kzt_attr_uint(tb[KZT_A_NODE_ONLINE], 0);
	if (tb[KZT_A_NODE_IDENTITY] &&
	    mnl_attr_get_payload_len(tb[KZT_A_NODE_IDENTITY]) ==
	    sizeof(info->identity))
		memcpy(info->identity,
		       mnl_attr_get_payload(tb[KZT_A_NODE_IDENTITY]),
		       sizeof(info->identity));
	return MNL_CB_OK;
}

static int node_get(struct agent *a, struct node_info *info)
{
	memset(info, 0, sizeof(*info));
	return kzt_nl_simple(&a->cmd, KZT_CMD_NODE_GET, 0, node_cb, info);
}

int agent_node_public(struct agent *a, struct kzt_id *id)
{
	struct node_info info;

	if (node_get(a, &info) || !info.address)
		return -ENOENT;
	return kzt_id_from_binary(id, info.identity, sizeof(info.identity), NULL);
}

/* --- the packet counter --------------------------------------------------------- */

static uint64_t floor_load(struct agent *a)
{
	char text[32] = "";
	ssize_t n = agent_state_read(&a->state, "id-floor", text,
				     sizeof(text) - 1);
	unsigned long long v;
	char *end;

	if (n <= 0)
		return 0;
	text[n] = 0;
	errno = 0;
	v = strtoull(text, &end, 10);
	/* Beyond what a clock can have meant: not ours */
	if (errno || end == text || (*end && *end != '\n') || v > INT64_MAX) {
		agent_log(LOG_WARNING, "%s/id-floor is damaged: the clock has to do",
			  a->state.path);
		return 0;
	}
	return v;
}

static void floor_save(struct agent *a, uint64_t counter)
{
	static struct agent_limit limit;
	char text[32];
	int n, err;

	counter += FLOOR_RESERVE;
	n = snprintf(text, sizeof(text), "%" PRIu64 "\n", counter);
	err = agent_state_write(&a->state, "id-floor", text, (size_t)n);
	if (err && agent_limit_pass(&limit))
		agent_log(LOG_ERR, "cannot write %s/id-floor: %s",
			  a->state.path, strerror(-err));
}

/*
 * Packet ids must not repeat, not even over a reboot with the clock set back:
 * the counter they come from never starts below what was kept here.
 */
void agent_node_keep_floor(struct agent *a)
{
	struct node_info info;

	a->floor_due_ms = agent_now_ms() + FLOOR_PERIOD_MS;
	if (!node_get(a, &info) && info.address)
		floor_save(a, info.counter);
}

/* --- the identity ---------------------------------------------------------------- */

static int identity_save(struct agent *a, const struct kzt_id *id)
{
	char text[KZT_ID_TEXT_MAX];
	int err;

	kzt_id_text(id, true, text, sizeof(text));
	err = agent_state_write(&a->state, "identity.secret", text, strlen(text));
	explicit_bzero(text, sizeof(text));
	return err;
}

/* For others to read; lost, it is made again */
static void identity_publish(struct agent *a, const struct kzt_id *id)
{
	char text[KZT_ID_TEXT_MAX], old[KZT_ID_TEXT_MAX];
	ssize_t n;
	int err;

	kzt_id_text(id, false, text, sizeof(text));
	n = agent_state_read(&a->state, "identity.public", old, sizeof(old));
	if (n == (ssize_t)strlen(text) && !memcmp(old, text, (size_t)n))
		return;
	err = agent_state_write(&a->state, "identity.public", text, strlen(text));
	if (err)
		agent_log(LOG_WARNING, "cannot write %s/identity.public: %s",
			  a->state.path, strerror(-err));
}

static int identity_generate(struct agent *a, struct kzt_id *id)
{
	int err;

	/* 15 hashes on average, but luck decides */
	agent_notify("STATUS=Generating an identity\nEXTEND_TIMEOUT_USEC=300000000");
	agent_log(LOG_INFO, "generating an identity");
	err = kzt_id_generate(id);
	if (err) {
		agent_log(LOG_ERR, "cannot generate an identity: %s",
			  strerror(-err));
		return err;
	}
	err = identity_save(a, id);
	if (err)
		agent_log(LOG_ERR, "cannot write %s/identity.secret: %s",
			  a->state.path, strerror(-err));
	return err;
}

/*
 * 0, -ENOENT if there is none, or an errno.  A damaged one is never replaced:
 * it is who this node is, and the administrator may have a copy.
 */
static int identity_load(struct agent *a, struct kzt_id *id)
{
	char text[KZT_ID_TEXT_MAX + 8];
	const char *why = "";
	ssize_t n;
	int err;

	n = agent_state_read(&a->state, "identity.secret", text,
			     sizeof(text) - 1);
	if (n == -ENOENT)
		return -ENOENT;
	if (n < 0) {
		agent_log(LOG_ERR, "%s/identity.secret: %s", a->state.path,
			  strerror((int)-n));
		return (int)n;
	}
	text[n] = 0;
	err = kzt_id_parse(id, text, &why);
	explicit_bzero(text, sizeof(text));
	if (!err && !id->has_secret) {
		why = "the secret is missing";
		err = -EINVAL;
	}
	if (!err)
		err = kzt_id_validate(id, &why);
	if (err) {
		agent_log(LOG_ERR, "%s/identity.secret: %s", a->state.path,
			  why && *why ? why : strerror(-err));
		return err == -ENOENT ? -EINVAL : err;
	}
	identity_publish(a, id);
	return 0;
}

/*
 * @id NULL: only the floor, and sockets if they could not be opened before.
 * @conf: with what the configuration file says of the node, so that nothing is ever
 * sent otherwise; if that is refused, without, and it is told when the file is applied.
 */
static int node_set(struct agent *a, const struct kzt_id *id, bool conf)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NODE_SET, 0);
	uint8_t blob[KZT_ID_BINARY_SECRET_LEN];
	int err;

	if (id) {
		kzt_id_binary(id, true, blob);
		mnl_attr_put(nlh, KZT_A_NODE_IDENTITY_SECRET, sizeof(blob), blob);
		explicit_bzero(blob, sizeof(blob));
	}
	mnl_attr_put_u64(nlh, KZT_A_NODE_ID_FLOOR, floor_load(a));
	conf = conf && agent_conf_node(a, nlh);
	err = kzt_nl_talk(&a->cmd, nlh, NULL, NULL);
	if (err && conf)
		return node_set(a, id, false);
	if (err)
		agent_log(LOG_ERR, "the node cannot be set up: %s", a->cmd.err);
	return err;
}

static int node_give_identity(struct agent *a)
{
	struct kzt_id id;
	int err;

	memset(&id, 0, sizeof(id));
	err = identity_load(a, &id);
	if (err == -ENOENT && a->conf_stranger) {
		/* Made now, another one would stay when the file is right */
		agent_log(LOG_ERR, "no identity is made in place of the one that the configuration names");
	} else if (err == -ENOENT) {
		err = identity_generate(a, &id);
		if (!err)
			identity_publish(a, &id);
	}
	if (!err)
		err = node_set(a, &id, true);
	kzt_id_wipe(&id);
	return err;
}

/* Keys that the kernel's node has are not remembered: an administrator gave them */
static void identity_compare(struct agent *a, const struct node_info *info)
{
	const char *why = NULL;
	struct kzt_id mine, theirs;

	memset(&mine, 0, sizeof(mine));
	if (!identity_load(a, &mine) &&
	    !kzt_id_from_binary(&theirs, info->identity, sizeof(info->identity),
				&why) &&
	    (mine.address != theirs.address ||
	     memcmp(mine.pub, theirs.pub, sizeof(mine.pub))))
		agent_log(LOG_WARNING,
			  "the node is %010" PRIx64 ", but only until it is deleted or the machine is rebooted: %s/identity.secret is %010" PRIx64,
			  theirs.address, a->state.path, mine.address);
	kzt_id_wipe(&mine);
}

/* The kernel's node has keys: they stay, whatever the state directory says */
static int node_adopt(struct agent *a, const struct node_info *info)
{
	identity_compare(a, info);
	return node_set(a, NULL, false);
}

/* The floor is kept before anything much can have been sent */
static void node_begin(struct agent *a, const struct node_info *info)
{
	a->address = info->address;
	a->online = info->online;
	a->said_deleted = false;
	floor_save(a, info->counter);
	a->floor_due_ms = agent_now_ms() + FLOOR_PERIOD_MS;
}

int agent_node_start(struct agent *a)
{
	struct node_info info;
	int err = node_get(a, &info);

	if (err) {
		agent_log(LOG_ERR, "cannot read the node: %s", a->cmd.err);
		return err;
	}
	err = info.address ? node_adopt(a, &info) : node_give_identity(a);
	if (!err)
		err = node_get(a, &info);
	if (err)
		return err;
	node_begin(a, &info);
	agent_log(LOG_INFO, "serving node %010" PRIx64, a->address);
	return 0;
}

/* An administrator took the node down, or gave it another identity */
static void node_changed(struct agent *a, const struct node_info *info)
{
	if (!info->address) {
		if (!a->said_deleted)
			agent_log(LOG_NOTICE,
				  "the node was deleted; it comes back with a reload or a restart");
		a->said_deleted = true;
		a->address = 0;
		return;
	}
	if (info->address != a->address) {
		agent_log(LOG_NOTICE, "the node is %010" PRIx64 " now",
			  info->address);
		identity_compare(a, info);
		/* The counter of a namespace never goes back, but may be young */
		node_set(a, NULL, false);
		node_begin(a, info);
	}
	if (!info->planet)	/* deleted and set again */
		agent_world_start(a);
	else
		agent_world_sync(a);
}

static int agent_register_again(struct agent *a)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->upcall, KZT_CMD_AGENT_REGISTER, 0);

	nlh->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
	agent_log(LOG_NOTICE, "the kernel had forgotten this agent");
	return mnl_socket_sendto(a->upcall.sock, nlh, nlh->nlmsg_len) < 0 ?
	       -errno : 0;
}

int agent_node_sync(struct agent *a)
{
	struct node_info info;
	int err = node_get(a, &info);

	if (err)
		return err;
	if (!info.agent) {
		err = agent_register_again(a);
		if (err)
			return err;
	}
	a->online = info.online;
	node_changed(a, &info);
	if (a->address && agent_now_ms() >= a->floor_due_ms) {
		floor_save(a, info.counter);
		a->floor_due_ms = agent_now_ms() + FLOOR_PERIOD_MS;
	}
	return 0;
}

void agent_node_event(struct agent *a, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[KZT_A_NODE_MAX + 1];
	static struct agent_limit limit;

	kzt_nl_attrs(nlh, tb, KZT_A_NODE_MAX);
	if (!tb[KZT_A_NODE_ONLINE]) {
		if (agent_limit_pass(&limit))
			agent_log(LOG_ERR,
				  "a root says that another node has the address %010" PRIx64 ": its identity is another's, or is used twice",
				  kzt_attr_uint(tb[KZT_A_NODE_ADDRESS], 0));
		return;
	}
	agent_node_sync(a);
}

void agent_node_status(struct agent *a, bool lasts)
{
	static int said = -1;
	int now = a->address ? a->online : -1;

	if (now < 0)
		agent_notify("STATUS=There is no node");
	else
		agent_notify("STATUS=Node %010" PRIx64 " is %s", a->address,
			     now ? "online" : "offline");
	if (!lasts || now == said)
		return;
	said = now;
	if (now >= 0)
		agent_log(now ? LOG_INFO : LOG_NOTICE, "the node is %s", now ? "online" :
			  "offline: no root answers (kzt explain ROOT says more)");
}
