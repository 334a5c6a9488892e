/* SPDX-License-Identifier: GPL-2.0 */
/* The networks that the agent knows of, for agent_network.c and agent_device.c */
#ifndef KZT_AGENT_NETWORK_H
#define KZT_AGENT_NETWORK_H

#include "agent.h"
#include "netconf.h"
#include <net/if.h>
#include <netinet/in.h>

#define NETNS_NAME_MAX 256
#define AGENT_WITHIN 32

/**
 * struct agent_allow - what a network may do here
 * @managed: set addresses and routes
 * @global: in public ranges, too
 * @dflt: default routes
 * @dns: name servers
 * @n_within: @managed holds for what lies in these prefixes alone; 0: for all
 */
struct agent_allow {
	bool managed, global, dflt, dns;
	unsigned int n_within;
	struct agent_prefix within[AGENT_WITHIN];
};

/* Name servers as resolvectl reads them; octets behind the text are zero */
struct agent_dns_set {
	char domain[KZT_CONFIG_DOMAIN_LEN + 1];
	char server[KZT_CONFIG_MAX_DNS][INET6_ADDRSTRLEN];
};

/**
 * struct agent_network - one network
 * @joined: remembered in the state directory, made again when missing
 * @present: the kernel has a device of it
 * @retry: joined, not present, and worth another try
 * @seen: in the dump that is being read
 * @port_error: errno that says why there is no device
 * @reason: the same in words
 * @auto_name: @want_dev was the kernel's choice: another one will do
 * @want_netns: name in /run/netns or path; empty for the node's own
 * @nsid: of the device's namespace, -1 for the node's own
 * @up: as the last event said
 * @addr: what the configuration assigns
 * @applied: what was set on the device by us
 * @adopted: what there was on the device has been looked at
 * @allow: what the network may do here
 * @route: routes set by us
 * @routes_adopted: by an agent before us, too
 * @dns: name servers that the resolver has of us, if @dns_told, or was to have
 * @dns_given: it may have some, as the state directory remembers
 * @dns_retry_ms: when to tell it again what it did not take
 * @config: what its controller says; NULL for an ad-hoc network
 */
struct agent_network {
	struct agent_network *next;
	uint64_t id;
	bool joined, present, retry, seen;
	int port_error;
	char reason[AGENT_ERR];
	bool auto_name;
	char want_dev[IFNAMSIZ];
	char want_netns[NETNS_NAME_MAX];
	int ifindex, nsid;
	char ifname[IFNAMSIZ];
	uint32_t status;
	bool up;
	unsigned int n_addr, n_applied;
	struct agent_prefix addr[AGENT_ADDRS], applied[AGENT_ADDRS];
	bool adopted;
	struct agent_allow allow;
	bool routes_adopted;
	unsigned int n_route;
	struct agent_route route[AGENT_ROUTES];
	struct agent_dns_set dns;
	bool dns_told, dns_given;
	uint64_t dns_retry_ms;
	struct agent_config *config;
	struct agent_limit limit;
};

struct agent_config;

struct agent_networks {
	struct agent_network *first;
};

struct agent_network *agent_network_find(struct agent *a, uint64_t id);
/* Take over what the kernel says of a network (network-get or -ntf); false:
 * it went away
 */
bool agent_network_fill(struct agent_network *nw, const struct nlmsghdr *nlh);
/* Bring the addresses of the device in line with the configuration */
void agent_network_apply(struct agent *a, struct agent_network *nw);
/* Look at one network again; never takes it out of the list */
void agent_network_refresh(struct agent *a, struct agent_network *nw);
/* What there is to know of it, into @out */
void agent_network_json(struct agent *a, const struct agent_network *nw, json_t *out);
/* Remember it in the state directory */
int agent_network_save(struct agent *a, const struct agent_network *nw);
void agent_prefix_text(const struct agent_prefix *p, char out[64]);

/* agent_allow.c: prefixes, separated by commas; 0 or -EINVAL */
int agent_allow_parse(const char *text, struct agent_allow *allow);
/* False for a list of prefixes that is none */
bool agent_allow_change(struct agent_allow *allow, const struct agent_allow_change *c);
/* May a prefix, bits behind its length or not, be set? */
bool agent_allow_has(const struct agent_allow *allow, const struct agent_prefix *p);
json_t *agent_allow_within_json(const struct agent_allow *allow);
void agent_allow_within_load(const json_t *list, struct agent_allow *allow);

/* agent_device.c: events of links, in all namespaces if that is permitted */
int agent_links_open(struct agent *a);
int agent_links_start(struct agent *a);

#endif /* KZT_AGENT_NETWORK_H */
