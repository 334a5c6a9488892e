// SPDX-License-Identifier: GPL-2.0
/* Networks: joined, remembered, left. */
#include "agent_config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_MAX 4096

static bool is_adhoc(uint64_t id)
{
	return id >> 56 == 0xff;
}

/* Of the two forms that have a configuration (spec 4.4.6, A and B) */
static bool adhoc_has_form(uint64_t id)
{
	return !(id & 0xffffff) || (id & 0xff) == 1;
}

/* --- the table ------------------------------------------------------------------------------ */

int agent_networks_init(struct agent *a)
{
	a->networks = calloc(1, sizeof(*a->networks));
	return a->networks ? 0 : -ENOMEM;
}

void agent_networks_free(struct agent *a)
{
	struct agent_network *nw;

	while (a->networks && (nw = a->networks->first)) {
		a->networks->first = nw->next;
		agent_config_close(nw);
		free(nw);
	}
	free(a->networks);
	a->networks = NULL;
}

struct agent_network *agent_network_find(struct agent *a, uint64_t id)
{
	struct agent_network *nw = a->networks->first;

	while (nw && nw->id != id)
		nw = nw->next;
	return nw;
}

/* Find or make; NULL without memory */
static struct agent_network *network_obtain(struct agent *a, uint64_t id)
{
	struct agent_network *nw = agent_network_find(a, id);

	if (nw)
		return nw;
	nw = calloc(1, sizeof(*nw));
	if (!nw)
		return NULL;
	nw->id = id;
	nw->nsid = -1;
	nw->allow.managed = true;
	nw->dns_told = true;
	nw->next = a->networks->first;
	a->networks->first = nw;
	return nw;
}

static void network_forget(struct agent *a, struct agent_network *nw)
{
	struct agent_network **p = &a->networks->first;

	while (*p != nw)
		p = &(*p)->next;
	*p = nw->next;
	agent_config_close(nw);
	free(nw);
}

static void port_error(struct agent_network *nw, int code, const char *reason)
{
	nw->port_error = code;
	snprintf(nw->reason, sizeof(nw->reason), "%s", reason);
}

/* Its device is gone.  What was joined may be wanted back. */
static void network_gone(struct agent *a, struct agent_network *nw)
{
	if (!nw->joined) {
		network_forget(a, nw);
		return;
	}
	if (!nw->present)
		return;
	port_error(nw, ENODEV, "the device was removed");
	agent_log(LOG_NOTICE, "%s of network %016" PRIx64 " was removed; %s",
		  nw->ifname, nw->id, *nw->want_netns ?
		  "it comes back with its namespace" :
		  "it comes back with a reload or a restart, unless the network is left");
	nw->present = false;
	agent_config_close(nw);	/* the module has forgotten it, too */
	memset(&nw->dns, 0, sizeof(nw->dns));
	nw->dns_told = true;	/* the resolver has forgotten it, too */
	nw->n_route = 0;
	nw->n_applied = 0;
	nw->ifindex = 0;
	nw->retry = *nw->want_netns;
}

/* --- the kernel's side ------------------------------------------------------------------------ */

static int network_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[KZT_A_NETWORK_MAX + 1];
	struct agent_network *nw;
	struct agent *a = data;
	uint64_t id;

	kzt_nl_attrs(nlh, tb, KZT_A_NETWORK_MAX);
	id = kzt_attr_uint(tb[KZT_A_NETWORK_ID], 0);
	if (!id)
		return MNL_CB_OK;
	nw = network_obtain(a, id);
	if (nw && agent_network_fill(nw, nlh))
		nw->seen = true;
	return MNL_CB_OK;
}

int agent_networks_sync(struct agent *a)
{
	struct agent_network *nw, *next;
	int err;

	for (nw = a->networks->first; nw; nw = nw->next)
		nw->seen = false;
	err = kzt_nl_simple(&a->cmd, KZT_CMD_NETWORK_GET, NLM_F_DUMP, network_cb,
			    a);
	if (err) {
		agent_log(LOG_ERR, "cannot read the networks: %s", a->cmd.err);
		return err;
	}
	for (nw = a->networks->first; nw; nw = next) {
		next = nw->next;
		if (!nw->seen) {
			network_gone(a, nw);
			continue;
		}
		agent_network_apply(a, nw);
		agent_routes_apply(a, nw);
	}
	return 0;
}

void agent_network_event(struct agent *a, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[KZT_A_NETWORK_MAX + 1];
	struct agent_network *nw;
	uint64_t id;

	kzt_nl_attrs(nlh, tb, KZT_A_NETWORK_MAX);
	id = kzt_attr_uint(tb[KZT_A_NETWORK_ID], 0);
	nw = id ? network_obtain(a, id) : NULL;
	if (!nw)
		return;
	if (!agent_network_fill(nw, nlh)) {
		network_gone(a, nw);
		return;
	}
	agent_network_apply(a, nw);
	agent_routes_apply(a, nw);
}

static int refresh_cb(const struct nlmsghdr *nlh, void *data)
{
	agent_network_fill(data, nlh);
	return MNL_CB_OK;
}

void agent_network_refresh(struct agent *a, struct agent_network *nw)
{
	struct nlmsghdr *nlh = kzt_nl_begin(&a->cmd, KZT_CMD_NETWORK_GET, 0);

	mnl_attr_put_u64(nlh, KZT_A_NETWORK_ID, nw->id);
	if (!kzt_nl_talk(&a->cmd, nlh, refresh_cb, nw))
		agent_network_apply(a, nw);
}

static int link_new(struct agent *a, struct agent_network *nw, int netns)
{
	int err;

	err = kzt_rt_link_new(&a->rt, *nw->want_dev ? nw->want_dev : NULL, nw->id,
			      netns);
	if (err == -EEXIST && nw->auto_name) {
		/* The name was not the user's choice and somebody has it now */
		nw->want_dev[0] = 0;
		err = kzt_rt_link_new(&a->rt, NULL, nw->id, netns);
	}
	return err;
}

/* Create the device, read what became of it, bring it up */
static int network_make(struct agent *a, struct agent_network *nw,
			char err[AGENT_ERR])
{
	int netns = -1, code;

	if (*nw->want_netns) {
		netns = agent_netns_open(nw->want_netns);
		if (netns < 0)
			return agent_err(err, netns, "cannot open the namespace %s: %s",
					 nw->want_netns, strerror(-netns));
	}
	code = link_new(a, nw, netns);
	if (netns >= 0)
		close(netns);
	if (code == -EEXIST && !strcmp(a->rt.err, strerror(EEXIST)))
		return agent_err(err, code, "there is a device %s already",
				 nw->want_dev);
	if (code)
		return agent_err(err, code, "the device was refused: %s", a->rt.err);
	code = agent_networks_sync(a);
	if (!code && !nw->present)
		code = -ENODEV;
	if (code)
		return agent_err(err, code, "the device cannot be found again");
	code = agent_link(a, nw->nsid, nw->ifindex, AGENT_LINK_UP, NULL, err);
	if (code)
		return code;
	nw->up = true;
	return 0;
}

/* --- the state directory ---------- */

static void state_name(char name[64], uint64_t id)
{
	snprintf(name, 64, "networks.d/%016" PRIx64 ".json", id);
}

int agent_network_save(struct agent *a, const struct agent_network *nw)
{
	json_t *doc = json_pack("{s:s,s:b,s:b,s:b,s:b,s:b}", "dev", nw->want_dev,
				"auto-dev", nw->auto_name,
				"managed", nw->allow.managed,
				"global", nw->allow.global,
				"default", nw->allow.dflt, "dns", nw->allow.dns);
	char name[64], *text;
	int err = -ENOMEM;

	if (doc && *nw->want_netns)
		json_object_set_new(doc, "netns", json_string(nw->want_netns));
	if (doc && nw->allow.n_within)
		json_object_set_new(doc, "managed-within", agent_allow_within_json(&nw->allow));
	if (doc && nw->dns_given)
		json_object_set_new(doc, "dns-given", json_true());
	text = doc ? json_dumps(doc, JSON_INDENT(1)) : NULL;
	if (text) {
		state_name(name, nw->id);
		err = agent_state_write(&a->state, name, text, strlen(text));
	}
	free(text);
	json_decref(doc);
	return err;
}

static void load_one(void *arg, const char *name, unsigned long long id)
{
	int managed = 1, global = 0, dflt = 0, dns = 0, given = 0;
	const char *dev = "", *netns = "";
	struct agent *a = arg;
	struct agent_network *nw;
	char text[STATE_MAX];
	int auto_name = 1;
	json_error_t why;
	ssize_t n;
	json_t *doc;

	n = agent_state_read(&a->state, name, text, sizeof(text));
	doc = n < 0 ? NULL : json_loadb(text, (size_t)n, 0, &why);
	if (!doc || json_unpack_ex(doc, &why, 0, "{s?s,s?b,s?s,s?b,s?b,s?b,s?b,s?b}",
				   "dev", &dev, "auto-dev", &auto_name,
				   "netns", &netns, "managed", &managed,
				   "global", &global, "default", &dflt,
				   "dns", &dns, "dns-given", &given) ||
	    strlen(dev) >= IFNAMSIZ || strlen(netns) >= NETNS_NAME_MAX) {
		agent_log(LOG_ERR, "%s/%s is damaged: the network is joined with defaults",
			  a->state.path, name);
		dev = netns = "";
		auto_name = 1;
	}
	nw = network_obtain(a, id);
	if (nw && !nw->joined) {
		nw->joined = true;
		nw->allow = (struct agent_allow){ managed, global, dflt, dns, 0, { { 0 } } };
		agent_allow_within_load(json_object_get(doc, "managed-within"), &nw->allow);
		nw->dns_given = given;
		nw->dns_told = !given;
		nw->auto_name = auto_name;
		snprintf(nw->want_dev, sizeof(nw->want_dev), "%s", dev);
		snprintf(nw->want_netns, sizeof(nw->want_netns), "%s", netns);
	}
	if (nw)
		nw->retry = !nw->present;
	json_decref(doc);
}

void agent_networks_load(struct agent *a)
{
	/* First what the user allowed: addresses follow from it */
	agent_state_each(&a->state, "networks.d", "json", load_one, a);
	agent_networks_sync(a);
	agent_networks_retry(a);
}

void agent_networks_retry(struct agent *a)
{
	struct agent_network *nw;
	char err[AGENT_ERR];
	int code;

	/* No network that was joined is ever taken out of the list by this */
	for (nw = a->networks->first; nw; nw = nw->next) {
		if (!nw->joined || nw->present || !nw->retry)
			continue;
		code = network_make(a, nw, err);
		if (!code) {
			agent_log(LOG_INFO, "network %016" PRIx64 " is on %s",
				  nw->id, nw->ifname);
			continue;
		}
		port_error(nw, -code, err);
		if (agent_limit_pass(&nw->limit))
			agent_log(LOG_ERR, "network %016" PRIx64 " cannot be joined: %s",
				  nw->id, err);
	}
}

/* --- requests ---------- */

/* Is the namespace @name the one that the device is in? */
static bool netns_is(struct agent *a, const struct agent_network *nw,
		     const char *name)
{
	int want = agent_netns_open(name), have;
	struct stat w, h;
	bool same = false;

	have = nw->nsid < 0 ? agent_netns_open("/proc/self/ns/net") :
			      agent_netns_by_id(a, nw->nsid, NULL);
	if (want >= 0 && have >= 0 && !fstat(want, &w) && !fstat(have, &h))
		same = w.st_ino == h.st_ino && w.st_dev == h.st_dev;
	if (want >= 0)
		close(want);
	if (have >= 0)
		close(have);
	return same;
}

static int join_check(uint64_t id, const char *dev, const char *netns,
		      char err[AGENT_ERR])
{
	if (!id)
		return agent_err(err, -EINVAL, "network 0 does not exist");
	if (is_adhoc(id) && !adhoc_has_form(id))
		return agent_err(err, -EINVAL,
				 "no ad-hoc network has the id %016" PRIx64, id);
	if (dev && (!*dev || strlen(dev) >= IFNAMSIZ || strpbrk(dev, "/: %")))
		return agent_err(err, -EINVAL, "%s cannot be the name of a device",
				 *dev ? dev : "nothing");
	if (netns && (!*netns || strlen(netns) >= NETNS_NAME_MAX ||
		      (*netns != '/' && strchr(netns, '/')) ||
		      !strcmp(netns, ".") || !strcmp(netns, "..")))
		return agent_err(err, -EINVAL, "that cannot be a namespace's name");
	return 0;
}

/* The device is there, whoever made it: from now on it is remembered */
static int join_existing(struct agent *a, struct agent_network *nw,
			 const char *dev, const char *netns, char err[AGENT_ERR])
{
	if (dev && strcmp(dev, nw->ifname))
		return agent_err(err, -EEXIST, "network %016" PRIx64 " is on %s already",
				 nw->id, nw->ifname);
	if (netns && !netns_is(a, nw, netns))
		return agent_err(err, -EEXIST,
				 "network %016" PRIx64 " is on %s in another namespace already",
				 nw->id, nw->ifname);
	return agent_link(a, nw->nsid, nw->ifindex, AGENT_LINK_UP, NULL, err);
}

/* What makes the same device again after a restart */
static void join_remember(struct agent *a, struct agent_network *nw, bool existed,
			  bool chosen, const char *netns)
{
	int fd;

	/* Joined once more to change something, it keeps the name that was chosen */
	if (chosen || !existed || !nw->joined)
		nw->auto_name = !chosen;
	nw->joined = true;
	snprintf(nw->want_dev, sizeof(nw->want_dev), "%s", nw->ifname);
	nw->want_netns[0] = 0;
	if (netns) {
		snprintf(nw->want_netns, sizeof(nw->want_netns), "%s", netns);
	} else if (nw->nsid >= 0) {
		fd = agent_netns_by_id(a, nw->nsid, nw->want_netns);
		if (fd >= 0)
			close(fd);
	}
}

/* Make the device; whatever fails, all is as it was before */
static int join_new(struct agent *a, struct agent_network *nw, const char *dev,
		    const char *netns, char err[AGENT_ERR])
{
	struct agent_network before = *nw;
	int code;

	snprintf(nw->want_dev, sizeof(nw->want_dev), "%s", dev ? dev : "");
	snprintf(nw->want_netns, sizeof(nw->want_netns), "%s", netns ? netns : "");
	nw->auto_name = false;
	nw->joined = true;	/* so that the entry stays while we use it */
	code = network_make(a, nw, err);
	if (!code)
		return 0;
	if (nw->present)
		agent_link(a, nw->nsid, nw->ifindex, AGENT_LINK_DEL, NULL, NULL);
	nw->joined = before.joined;
	nw->auto_name = before.auto_name;
	memcpy(nw->want_dev, before.want_dev, sizeof(nw->want_dev));
	memcpy(nw->want_netns, before.want_netns, sizeof(nw->want_netns));
	if (!nw->joined && !nw->present)
		network_forget(a, nw);
	return code;
}

/* Of what is wanted the prefixes alone can be wrong */
static int within_check(const struct agent_allow_change *change, struct agent_allow *allow,
			char err[AGENT_ERR])
{
	return agent_allow_change(allow, change) ? 0 :
	       agent_err(err, -EINVAL, "%s: not on, off or up to %d prefixes", change->within,
			 AGENT_WITHIN);
}

/* Addresses, routes and name servers follow; and it is remembered */
static int allow_put(struct agent *a, struct agent_network *nw, char err[AGENT_ERR])
{
	int code;

	agent_network_apply(a, nw);
	agent_routes_apply(a, nw);
	agent_dns_apply(a);
	code = agent_network_save(a, nw);
	return code ? agent_err(err, code, "%s is there, but cannot be remembered: %s",
				nw->ifname, strerror(-code)) : 0;
}

int agent_network_allow(struct agent *a, struct agent_network *nw,
			const struct agent_allow_change *allow, char err[AGENT_ERR])
{
	struct agent_allow next = nw->allow;
	int code = within_check(allow, &next, err);

	if (code || !memcmp(&next, &nw->allow, sizeof(next)))
		return code;
	nw->allow = next;
	return allow_put(a, nw, err);
}

int agent_network_join(struct agent *a, uint64_t id, const char *dev,
		       const char *netns, const struct agent_allow_change *allow,
		       json_t *answer, char err[AGENT_ERR])
{
	struct agent_allow checked = { 0 };
	struct agent_network *nw;
	bool existed;
	int code;

	code = join_check(id, dev, netns, err);
	if (code)
		return code;
	code = within_check(allow, &checked, err);
	if (code)
		return code;
	if (agent_networks_sync(a))
		return agent_err(err, -EIO, "cannot read the networks: %s", a->cmd.err);
	nw = network_obtain(a, id);
	if (!nw)
		return agent_err(err, -ENOMEM, "no memory");
	existed = nw->present;
	code = existed ? join_existing(a, nw, dev, netns, err) :
			 join_new(a, nw, dev, netns, err);
	if (code)
		return code;
	join_remember(a, nw, existed, dev, netns);
	agent_allow_change(&nw->allow, allow);
	code = allow_put(a, nw, err);
	if (code)
		return code;
	agent_network_json(a, nw, answer);
	json_object_set_new(answer, "existed", json_boolean(existed));
	agent_config_tick(a);
	return 0;
}

int agent_network_leave(struct agent *a, uint64_t id, char err[AGENT_ERR])
{
	struct agent_network *nw;
	char name[64];
	int code;

	if (agent_networks_sync(a))
		return agent_err(err, -EIO, "cannot read the networks: %s", a->cmd.err);
	nw = agent_network_find(a, id);
	if (!nw)
		return agent_err(err, -ENOENT, "not on this network");
	/* First what would bring it back */
	state_name(name, id);
	code = agent_state_remove(&a->state, name);
	if (code && code != -ENOENT)
		return agent_err(err, code, "cannot remove %s/%s: %s",
				 a->state.path, name, strerror(-code));
	agent_config_forget(a, nw);
	nw->joined = false;
	nw->retry = false;
	if (!nw->present) {
		network_forget(a, nw);
		return 0;
	}
	code = agent_link(a, nw->nsid, nw->ifindex, AGENT_LINK_DEL, NULL, err);
	if (code && code != -ENODEV)
		return code;
	agent_networks_sync(a);
	return 0;
}
