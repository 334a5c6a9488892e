/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent of one network namespace: what its parts share.
 *
 * One thread runs the event loop and owns all of struct agent; a second one
 * only computes memory-hard hashes (agent_upcall.c); a second process, started
 * before privileges are dropped, works in other namespaces (agent_netns.c).
 */
#ifndef KZT_AGENT_H
#define KZT_AGENT_H

#include "agent_loop.h"
#include "agent_state.h"
#include "identity.h"
#include "nl.h"
#include "world.h"
#include <jansson.h>
#include <net/if.h>
#include <stdarg.h>
#include <syslog.h>
#include <time.h>

#define AGENT_ERR 256		/* room for one sentence */

/* Exit status, the same as kzt's */
enum agent_exit {
	AGENT_OK = 0,
	AGENT_FAIL = 1,
	AGENT_USAGE = 2,
	AGENT_ABSENT = 3,	/* the module is not loaded */
};

#define AGENT_BINDS 8		/* the module takes no more */

/**
 * struct agent_binds - devices that the configuration file has the node keep to
 * @ifindex: 0 while there is none of that name
 */
struct agent_binds {
	unsigned int n;
	struct {
		char name[IF_NAMESIZE];
		unsigned int ifindex;
	} dev[AGENT_BINDS];
};

struct agent_network;
struct agent_networks;
struct agent_rpc;
struct agent_upcall;
struct agent_controller;
struct agent_dns;

/**
 * struct agent - everything
 * @cmd: asked and answered at once
 * @upcall: registered as the agent: questions come in, verdicts go out
 * @event: subscribed to the family's events
 * @rt: rtnetlink requests
 * @links: rtnetlink events: devices that go up
 * @aliases: names of peers by address
 * @initial: it serves the first namespace, whose services are meant for it
 * @address: of the node, as last seen; 0 for none
 */
struct agent {
	struct agent_loop loop;
	struct agent_state state;
	struct kzt_nl cmd, upcall, event;
	struct kzt_rt rt, links;
	struct agent_source upcall_source, event_source, link_source;
	struct agent_networks *networks;
	struct agent_upcall *checks;
	struct agent_rpc *rpc;
	struct agent_controller *controller;
	struct agent_dns *dns;
	json_t *aliases;
	char conf_path[PATH_MAX];	/* empty: there is no file */
	bool conf_wanted;		/* it was named, so it has to be there */
	bool conf_quiet;		/* what is wrong in it is told another time */
	bool conf_stranger;		/* the identity that it names cannot be had */
	struct agent_binds binds;
	int helper;
	uint64_t address;
	uint64_t floor_due_ms, peers_due_ms;
	unsigned long overruns, worlds_taken, worlds_refused;
	bool initial, online, said_deleted;
	int status;			/* exit status once the loop ends */
};

/* One sentence into @err (AGENT_ERR bytes, may be NULL); returns @code */
int agent_err(char *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
uint64_t agent_now_ms(void);

/* ---- agent_privilege.c ---------------------------------------------------- */

/* Keep one or, if @second is not -1, two capabilities and no way to more */
int agent_privileges(int first, int second);

/* ---- agent_log.c --------------------------------------------------------- */

enum agent_log_to { AGENT_LOG_STDERR, AGENT_LOG_JOURNAL, AGENT_LOG_SYSLOG };

void agent_log_to(enum agent_log_to where);
/* kzt_text_clean() */
void agent_clean(char *text);
void agent_log(int prio, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* For what strangers can cause: a few lines a minute, then only their number */
struct agent_limit {
	uint64_t since_ms;
	unsigned int n;
};

bool agent_limit_pass(struct agent_limit *limit);

/* ---- agent_notify.c: the service manager --------------------------------- */

void agent_notify_open(void);
void agent_notify(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Microseconds within which it wants to hear of us; 0 for never */
uint64_t agent_notify_watchdog_us(void);

/* ---- agent_netns.c: other network namespaces ------------------------------ */

#define AGENT_ADDRS 32
#define AGENT_ROUTES 256	/* a default route counts twice */

/* An address with its prefix length */
struct agent_prefix {
	uint8_t family;		/* AF_INET or AF_INET6 */
	uint8_t len;
	uint8_t ip[16];
};

/* Compared octet by octet: no padding that is not zero */
struct agent_route {
	struct agent_prefix target;
	uint8_t has_via;
	uint8_t via[16];
};

enum agent_link_op {
	AGENT_LINK_UP, AGENT_LINK_DEL, AGENT_ADDR_ADD, AGENT_ADDR_DEL, AGENT_ADDR_LIST,
	AGENT_ROUTE_ADD, AGENT_ROUTE_DEL, AGENT_ROUTE_LIST,
};

/* Fork the process that does it; before any other descriptor is open */
int agent_netns_start(void);
int agent_netns_open(const char *name);
/* An open namespace that has this id here, or -1; @name (64 bytes) its name */
int agent_netns_by_id(struct agent *a, int nsid, char *name);
/* Do @op to a device: here if @nsid is -1, else in that namespace */
int agent_link(struct agent *a, int nsid, int ifindex, enum agent_link_op op,
	       const struct agent_prefix *prefix, char err[AGENT_ERR]);
/* The addresses that an agent has set there, and their number */
unsigned int agent_addresses(struct agent *a, int nsid, int ifindex,
			     struct agent_prefix list[AGENT_ADDRS]);
int agent_route(struct agent *a, int nsid, int ifindex, enum agent_link_op op,
		const struct agent_route *route, char err[AGENT_ERR]);
/* The routes likewise */
unsigned int agent_routes(struct agent *a, int nsid, int ifindex,
			  struct agent_route list[AGENT_ROUTES]);

/* ---- agent_node.c: the identity and the packet counter -------------------- */

int agent_node_start(struct agent *a);
/* Look at the kernel's node again: after an event, an overrun or a while */
int agent_node_sync(struct agent *a);
void agent_node_keep_floor(struct agent *a);
void agent_node_event(struct agent *a, const struct nlmsghdr *nlh);
/* Tell the service manager what is, and the log what @lasts: not how a start goes */
void agent_node_status(struct agent *a, bool lasts);
/* The node's own identity, without its secret */
int agent_node_public(struct agent *a, struct kzt_id *id);

/* ---- agent_world.c -------------------------------------------------------- */

void agent_world_start(struct agent *a);
/* Remember what others have put in force */
void agent_world_sync(struct agent *a);
void agent_world_update(struct agent *a, const struct nlmsghdr *nlh);
int agent_world_set(struct agent *a, const uint8_t *blob, size_t len,
		    bool moon, uint64_t *id, char err[AGENT_ERR]);
/* Join a moon that one of its roots has; @waiting: it is yet to come */
int agent_moon_orbit(struct agent *a, uint64_t id, uint64_t seed, bool *waiting,
		     char err[AGENT_ERR]);
/* [{"id", "seed"}] of those that are yet to come */
json_t *agent_moons_wanted_json(struct agent *a);
int agent_moon_del(struct agent *a, uint64_t id, char err[AGENT_ERR]);

/* ---- agent_upcall.c: identities of strangers ------------------------------ */

int agent_upcall_start(struct agent *a);
void agent_upcall_stop(struct agent *a);
void agent_upcall_identity(struct agent *a, const struct nlmsghdr *nlh);
json_t *agent_upcall_json(struct agent *a);

/* ---- agent_network.c, agent_network_json.c, agent_device.c ------------------- */

int agent_networks_init(struct agent *a);
void agent_networks_free(struct agent *a);
/* Read what is remembered, make the devices that are missing */
void agent_networks_load(struct agent *a);
/* Read the kernel's networks and give devices their addresses */
int agent_networks_sync(struct agent *a);
/* Try again what could not be made */
void agent_networks_retry(struct agent *a);
void agent_network_event(struct agent *a, const struct nlmsghdr *nlh);
/* What a network may do here; -1: as it was, or as is usual */
struct agent_allow_change {
	int managed, global, dflt, dns;
	const char *within;	/* prefixes that managed is limited to; NULL: as above */
};

int agent_network_join(struct agent *a, uint64_t id, const char *dev,
		       const char *netns, const struct agent_allow_change *allow,
		       json_t *answer, char err[AGENT_ERR]);
/* One that is joined: what it may do here */
int agent_network_allow(struct agent *a, struct agent_network *nw,
			const struct agent_allow_change *allow, char err[AGENT_ERR]);
int agent_network_leave(struct agent *a, uint64_t id, char err[AGENT_ERR]);
json_t *agent_networks_json(struct agent *a);
/* To a list of what the module has, those whose device is missing */
void agent_networks_add_missing(struct agent *a, json_t *list);

/* ---- agent_words.c: why the last words were refused ---------------------------- */

const char *agent_words_why(void);

/* ---- agent_conf.c: the configuration file ---------------------------------- */

#define AGENT_CONF_DIR "/etc/kzt"

/* Which file: @file, or that of @netns, or that of the first namespace */
void agent_conf_find(struct agent *a, const char *file, const char *netns, bool initial);
/* Before the node starts: the identity that it names */
void agent_conf_identity(struct agent *a);
/* With it: settings into the request that makes the node; true if there are any.  What
 * is wrong in them agent_conf_apply() tells.
 */
bool agent_conf_node(struct agent *a, struct nlmsghdr *nlh);
/* Everything else */
void agent_conf_apply(struct agent *a);
/* Devices came, went or changed their names: keep to those that the file says */
void agent_conf_links(struct agent *a);

/* ---- agent_alias.c: names of peers ----------------------------------------- */

void agent_alias_load(struct agent *a);
/* @name: empty takes it away */
int agent_alias_set(struct agent *a, uint64_t address, const char *name,
		    char err[AGENT_ERR]);
/* {"address": "name"} */
json_t *agent_alias_json(struct agent *a);
/* ---- agent_packet.c --------------------------------------------------------- */

/* From the controller in here to the member in here */
void agent_packet_local(struct agent *a, uint8_t verb, const uint8_t *body,
			size_t len);

/* ---- agent_peers.c: peers and their endpoints, over restarts ----------------- */

void agent_peers_offer(struct agent *a);
void agent_peers_keep(struct agent *a);
void agent_peers_tick(struct agent *a);

/* ---- agent_dns.c ------------------------------------------------------------ */

int agent_dns_start(struct agent *a);
void agent_dns_stop(struct agent *a);
/* Every second */
void agent_dns_tick(struct agent *a);

/* ---- agent_rpc.c ------------------------------------------------------------ */

/* @path: of the socket in the file system, NULL for none */
int agent_rpc_start(struct agent *a, const char *path);
void agent_rpc_stop(struct agent *a);
void agent_rpc_tick(struct agent *a);

/* ---- controller_agent.c: the networks of this node's address -------------------- */

/* All NULL and 0 for what is usual */
struct agent_controller_options {
	const char *database;		/* path or postgresql://... */
	const char *socket;		/* of HTTP in the file system */
	struct sockaddr_storage tcp;	/* ... and on loopback */
};

int agent_controller_start(struct agent *a, const struct agent_controller_options *opt);
void agent_controller_stop(struct agent *a);
void agent_controller_tick(struct agent *a);
void agent_controller_packet(struct agent *a, const struct nlmsghdr *nlh);
struct kzt_config_request;
/* This node asks itself; the answer comes by agent_packet_local() */
void agent_controller_own(struct agent *a, const struct kzt_config_request *r);
json_t *agent_controller_json(struct agent *a);

#endif /* KZT_AGENT_H */
