// SPDX-License-Identifier: GPL-2.0
/*
 * Peers and where they were reached, over restarts (spec 3, 3.4 "stored form").
 *
 * peers.d/ADDRESS.peer: the identity, then an endpoint a line.  On the start all
 * are offered to the kernel, which greets the endpoints and believes whoever
 * answers; nothing here is a path by itself.
 */
#include "agent.h"
#include "peer_file.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define SAVE_MS		300000	/* how often the kernel's paths are looked at */
#define FRESH_S		86400	/* a file that says the same is left for a day */
#define FILES_MAX	1024
#define WRITES_MAX	64	/* files of one look: each is synced */
#define FILE_MAX	(KZT_ID_TEXT_MAX + PEER_FILE_ENDPOINTS * 72)

static void name_of(uint64_t address, char name[40])
{
	snprintf(name, 40, "peers.d/%016" PRIx64 ".peer", address);
}

static time_t age_of(struct agent *a, const char *name)
{
	struct stat st;

	if (fstatat(a->state.dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return -1;
	return time(NULL) - st.st_mtime;
}

/* IP/PORT; IPv6 without a scope */
static bool endpoint_text(const struct nlattr *at, char *out, size_t room)
{
	char ip[INET6_ADDRSTRLEN];
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (mnl_attr_get_payload_len(at) == sizeof(in)) {
		memcpy(&in, mnl_attr_get_payload(at), sizeof(in));
		return inet_ntop(AF_INET, &in.sin_addr, ip, sizeof(ip)) &&
		       snprintf(out, room, "%s/%u\n", ip, ntohs(in.sin_port)) > 0;
	}
	if (mnl_attr_get_payload_len(at) != sizeof(in6))
		return false;
	memcpy(&in6, mnl_attr_get_payload(at), sizeof(in6));
	return inet_ntop(AF_INET6, &in6.sin6_addr, ip, sizeof(ip)) &&
	       snprintf(out, room, "%s/%u\n", ip, ntohs(in6.sin6_port)) > 0;
}

static bool put_endpoint(struct nlmsghdr *nlh, char *line)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	char *slash = strchr(line, '/');
	unsigned long port;

	if (!slash)
		return false;
	*slash = 0;
	port = strtoul(slash + 1, NULL, 10);
	if (!port || port > 65535)
		return false;
	in.sin_port = in6.sin6_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, line, &in.sin_addr) == 1)
		mnl_attr_put(nlh, KZT_A_PEER_ENDPOINT, sizeof(in), &in);
	else if (inet_pton(AF_INET6, line, &in6.sin6_addr) == 1)
		mnl_attr_put(nlh, KZT_A_PEER_ENDPOINT, sizeof(in6), &in6);
	else
		return false;
	return true;
}

/* --- keeping ----------------------------------------------------------------------- */

struct keeping {
	struct agent *a;
	unsigned int files, writes;
	struct {
		uint64_t address;
		char text[FILE_MAX];
	} want[WRITES_MAX];
};

/* The remote side of a path that is up, once */
static size_t add_path(char *text, size_t len, const struct nlattr *nest)
{
	const struct nlattr *tb[KZT_A_PATH_MAX + 1], *at;
	char line[80];

	kzt_nl_nested(nest, tb, KZT_A_PATH_MAX);
	at = tb[KZT_A_PATH_REMOTE];
	if (!at || kzt_attr_uint(tb[KZT_A_PATH_STATE], 0) != KZT_PATH_STATE_UP ||
	    !endpoint_text(at, line, sizeof(line)))
		return len;
	if (strstr(text, line) || len + strlen(line) >= FILE_MAX)
		return len;
	memcpy(text + len, line, strlen(line) + 1);
	return len + strlen(line);
}

static int keep_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_PEER_MAX + 1], *attr;
	char text[FILE_MAX] = "", old[FILE_MAX + 1], name[40];
	struct keeping *k = data;
	struct kzt_id id;
	size_t len, head;
	ssize_t n;

	kzt_nl_attrs(nlh, tb, KZT_A_PEER_MAX);
	/* Roots come from worlds, static peers from whoever configured them */
	if (k->writes == WRITES_MAX || !tb[KZT_A_PEER_IDENTITY] ||
	    kzt_attr_uint(tb[KZT_A_PEER_STATIC], 0) ||
	    kzt_attr_uint(tb[KZT_A_PEER_UPSTREAM], 0) ||
	    kzt_id_from_binary(&id, mnl_attr_get_payload(tb[KZT_A_PEER_IDENTITY]),
			       mnl_attr_get_payload_len(tb[KZT_A_PEER_IDENTITY]),
			       NULL) ||
	    kzt_id_text(&id, false, text, KZT_ID_TEXT_MAX) < 0)
		return MNL_CB_OK;
	strcat(text, "\n");
	head = len = strlen(text);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == KZT_A_PEER_PATH)
			len = add_path(text, len, attr);
	if (len == head)
		return MNL_CB_OK;
	name_of(id.address, name);
	n = agent_state_read(&k->a->state, name, old, FILE_MAX);
	if (n < 0 && k->files >= FILES_MAX)
		return MNL_CB_OK;
	if (n == (ssize_t)len && !memcmp(old, text, len) &&
	    age_of(k->a, name) < FRESH_S)
		return MNL_CB_OK;
	k->files += n < 0;
	k->want[k->writes].address = id.address;
	memcpy(k->want[k->writes++].text, text, len + 1);
	return MNL_CB_OK;
}

static void count_one(void *arg, const char *name, unsigned long long id)
{
	struct keeping *k = arg;

	(void)id;
	if (age_of(k->a, name) > PEER_FILE_EXPIRE_S)
		agent_state_remove(&k->a->state, name);
	else
		k->files++;
}

/* Old files go; what the kernel knows now is written, a bounded part at once */
void agent_peers_keep(struct agent *a)
{
	static struct agent_limit limit;
	struct keeping *k = calloc(1, sizeof(*k));
	unsigned int i;
	int err = 0;

	if (!k)
		return;
	k->a = a;
	agent_state_each(&a->state, "peers.d", "peer", count_one, k);
	if (!kzt_nl_simple(&a->cmd, KZT_CMD_PEER_GET, NLM_F_DUMP, keep_cb, k)) {
		for (i = 0; i < k->writes && !err; i++) {
			char name[40];

			name_of(k->want[i].address, name);
			err = agent_state_write(&a->state, name, k->want[i].text,
						strlen(k->want[i].text));
		}
	}
	if (err && agent_limit_pass(&limit))
		agent_log(LOG_ERR, "cannot write to %s/peers.d: %s",
			  a->state.path, strerror(-err));
	free(k);
}

void agent_peers_tick(struct agent *a)
{
	uint64_t now = agent_now_ms();

	if (!a->address || now < a->peers_due_ms)
		return;
	a->peers_due_ms = now + SAVE_MS;
	agent_peers_keep(a);
}

/* --- offering ----------------------------------------------------------------------- */

struct offering {
	struct agent *a;
	unsigned int n;
};

static void offer_one(void *arg, const char *name, unsigned long long address)
{
	char text[FILE_MAX + 1], *line, *rest = text;
	uint8_t blob[KZT_ID_BINARY_LEN];
	struct offering *o = arg;
	unsigned int n = 0;
	struct nlmsghdr *nlh;
	struct kzt_id id;
	ssize_t len;

	if (o->n == FILES_MAX || age_of(o->a, name) > PEER_FILE_EXPIRE_S)
		return;
	len = agent_state_read(&o->a->state, name, text, FILE_MAX);
	if (len <= 0)
		return;
	text[len] = 0;
	line = strsep(&rest, "\n");
	/* It was validated when it came, and nobody but us writes here */
	if (kzt_id_parse(&id, line, NULL) || id.has_secret ||
	    id.address != address) {
		agent_log(LOG_WARNING, "%s/%s is damaged: removed",
			  o->a->state.path, name);
		agent_state_remove(&o->a->state, name);
		return;
	}
	nlh = kzt_nl_begin(&o->a->cmd, KZT_CMD_PEER_SET, 0);
	kzt_id_binary(&id, false, blob);
	mnl_attr_put(nlh, KZT_A_PEER_IDENTITY, sizeof(blob), blob);
	mnl_attr_put(nlh, KZT_A_PEER_REMEMBERED, 0, NULL);
	while ((line = strsep(&rest, "\n")) && n < PEER_FILE_ENDPOINTS)
		n += put_endpoint(nlh, line);
	if (n && !kzt_nl_talk(&o->a->cmd, nlh, NULL, NULL))
		o->n++;
}

/* What an earlier run knew */
void agent_peers_offer(struct agent *a)
{
	struct offering o = { .a = a };

	a->peers_due_ms = agent_now_ms() + SAVE_MS;
	agent_state_each(&a->state, "peers.d", "peer", offer_one, &o);
	if (o.n)
		agent_log(LOG_INFO, "offered %u remembered peers", o.n);
}
