// SPDX-License-Identifier: GPL-2.0
/*
 * kzt network: join, leave and show networks.
 *
 * The agent does it where there is one: it remembers, and asks controllers.
 * Without one a device is made here; an ad-hoc network needs no more, for its
 * configuration follows from its id.
 */
#include "agent_client.h"
#include "decode.h"
#include "kzt.h"
#include "match.h"
#include "netns.h"
#include "out.h"
#include "show.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct join {
	uint64_t nwid;
	const char *dev, *netns;
	int netns_fd;		/* -1: here */
	json_t *allow;		/* switches that were given */
	json_t *network;	/* as the kernel has it */
	char err[256];
};

static bool is_adhoc(uint64_t nwid)
{
	return nwid >> 56 == 0xff;
}

static int told(const char *dev, uint64_t nwid)
{
	if (kzt_json)
		return kzt_print_json(json_pack("{s:{s:o,s:s*}}", "network",
						"id", json_sprintf(KZT_PRIX64,
						(unsigned long long)nwid),
						"dev", dev));
	return KZT_OK;
}

/* --- join ------------------------------------------------------------------------- */

static int add_address(struct kzt_rt *rt, int ifindex, const char *text)
{
	struct sockaddr_storage ss = {};
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;
	struct sockaddr_in *in = (struct sockaddr_in *)&ss;
	char ip[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');

	if (!slash || (size_t)(slash - text) >= sizeof(ip))
		return -EINVAL;
	memcpy(ip, text, (size_t)(slash - text));
	ip[slash - text] = 0;
	if (inet_pton(AF_INET, ip, &in->sin_addr) == 1)
		ss.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, ip, &in6->sin6_addr) == 1)
		ss.ss_family = AF_INET6;
	else
		return -EINVAL;
	return kzt_rt_addr(rt, ifindex, (struct sockaddr *)&ss,
			   (unsigned int)atoi(slash + 1), true);
}

/* In the device's namespace */
static int device_up(void *arg)
{
	struct join *j = arg;
	int ifindex = (int)kzt_get_int(j->network, "ifindex", 0);
	const json_t *v, *list = json_object_get(j->network, "addresses");
	struct kzt_rt rt;
	size_t i;
	int err;

	err = kzt_rt_open(&rt);
	json_array_foreach(list, i, v)
		if (!err)
			err = add_address(&rt, ifindex, json_string_value(v));
	if (!err)
		err = kzt_rt_link_up(&rt, ifindex, true);
	snprintf(j->err, sizeof(j->err), "%s",
		 rt.err[0] ? rt.err : strerror(-err));
	kzt_rt_close(&rt);
	return err;
}

static int device_new(struct join *j, struct kzt_nl *nl)
{
	struct kzt_rt rt;
	int err;

	err = kzt_rt_open(&rt);
	if (!err)
		err = kzt_rt_link_new(&rt, j->dev, j->nwid, j->netns_fd);
	if (err == -EPERM && !strcmp(rt.err, strerror(EPERM)))
		err = kzt_fail("this needs CAP_NET_ADMIN in the network namespace");
	else if (err)
		err = kzt_fail("%s", rt.err[0] ? rt.err : strerror(-err));
	kzt_rt_close(&rt);
	if (err)
		return err;
	err = kzt_fetch_network(nl, j->nwid, &j->network);
	return err ? kzt_out_refused(nl, err) : KZT_OK;
}

static int join_alone(struct join *j)
{
	bool has_node = true;
	struct kzt_nl nl;
	json_t *node;
	int err;

	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = device_new(j, &nl);
	if (!err && !kzt_fetch_node(&nl, &node)) {
		has_node = json_object_get(node, "address");
		json_decref(node);
	}
	kzt_nl_close(&nl);
	if (err)
		return err;
	if (j->netns_fd >= 0)
		err = kzt_netns_run(j->netns_fd, device_up, j);
	else
		err = device_up(j);
	if (err)
		return kzt_fail("%s: %s", kzt_get_str(j->network, "dev", "device"),
				j->err[0] ? j->err : strerror(-err));
	if (!has_node)
		fprintf(stderr, "kzt: there is no node yet: start kztd, or kzt node set identity FILE\n");
	else if (!is_adhoc(j->nwid) || json_object_size(j->allow))
		fprintf(stderr, "kzt: there is no agent (kztd): nobody asks for the configuration of this network\n");
	return told(kzt_get_str(j->network, "dev", NULL), j->nwid);
}

static int join_by_agent(const struct join *j)
{
	json_t *answer = NULL, *question;
	int err;

	question = json_pack("{s:s,s:o,s:s*,s:s*}", "cmd", "network-join",
			     "id", json_sprintf(KZT_PRIX64,
						(unsigned long long)j->nwid),
			     "dev", j->dev, "netns", j->netns);
	json_object_update(question, j->allow);
	err = kzt_agent_ask(question, &answer);
	if (!err)
		err = told(kzt_get_str(answer, "dev", j->dev), j->nwid);
	json_decref(answer);
	return err;
}

/* From JOIN_ALLOW on: what the network may do here */
enum { JOIN_DEV, JOIN_NETNS, JOIN_ALLOW };

static const char *const join_keys[] = {
	"dev", "netns", "managed", "global", "default", "dns", NULL,
};

static int join_arg(struct join *j, int argc, char **argv, int *i)
{
	int key = kzt_arg_word(argv[*i], join_keys);
	const char *value;
	bool on;

	if (key < 0)
		return KZT_USAGE;
	value = kzt_arg_value(argc, argv, i);
	if (!value)
		return KZT_USAGE;
	if (key == JOIN_ALLOW && strchr(value, '/')) {	/* prefixes: the agent reads them */
		json_object_set_new(j->allow, join_keys[key], json_string(value));
		return KZT_OK;
	}
	if (key >= JOIN_ALLOW) {
		if (!kzt_arg_on_off(join_keys[key], value, &on))
			return KZT_USAGE;
		json_object_set_new(j->allow, join_keys[key], json_boolean(on));
		return KZT_OK;
	}
	if (key == JOIN_NETNS) {
		j->netns = value;
		return KZT_OK;
	}
	if (!*value || strlen(value) >= IF_NAMESIZE || strpbrk(value, "/: %") ||
	    !strcmp(value, ".") || !strcmp(value, ".."))
		return kzt_usage("\"%s\" is not a name for a device", value);
	j->dev = value;
	return KZT_OK;
}

static int network_join(int argc, char **argv)
{
	struct join j = { .netns_fd = -1, .allow = json_object() };
	int i, err = KZT_OK;

	if (argc < 2)
		return kzt_usage("network join needs a network id");
	if (!kzt_arg_nwid(argv[1], &j.nwid))
		return KZT_USAGE;
	for (i = 2; i < argc && !err; i++)
		err = join_arg(&j, argc, argv, &i);
	if (!err && j.netns) {
		j.netns_fd = kzt_netns_open(j.netns);
		if (j.netns_fd < 0)
			err = kzt_fail("no network namespace \"%s\": %s",
				       j.netns, strerror(errno));
	}
	if (!err)
		err = join_by_agent(&j);
	if (err == KZT_ABSENT)
		err = join_alone(&j);
	if (j.netns_fd >= 0)
		close(j.netns_fd);
	json_decref(j.network);
	json_decref(j.allow);
	return err;
}

/* --- leave ------------------------------------------------------------------------ */

/* The device may be in another namespace: the kernel finds it by that one's id */
static int device_del(const json_t *network)
{
	char buf[1024] __attribute__((aligned(8)));
	char answer[8192] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));
	const json_t *nsid = json_object_get(network, "netnsid");
	struct kzt_rt rt;
	int err;

	nlh->nlmsg_type = RTM_DELLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ifm->ifi_index = (int)kzt_get_int(network, "ifindex", 0);
	if (nsid)
		mnl_attr_put_u32(nlh, IFLA_TARGET_NETNSID,
				 (uint32_t)json_integer_value(nsid));
	err = kzt_rt_open(&rt);
	if (!err) {
		nlh->nlmsg_seq = ++rt.seq;
		err = mnl_socket_sendto(rt.sock, nlh, nlh->nlmsg_len) < 0 ?
		      -errno :
		      kzt_mnl_collect(rt.sock, rt.seq, rt.portid, answer,
				      sizeof(answer), rt.err, NULL, NULL);
	}
	if (err == -EPERM)
		err = kzt_fail("this needs CAP_NET_ADMIN in the network namespace");
	else if (err)
		err = kzt_fail("%s", rt.err[0] ? rt.err : strerror(-err));
	kzt_rt_close(&rt);
	return err;
}

static int leave_alone(uint64_t nwid)
{
	json_t *network;
	struct kzt_nl nl;
	int err;

	err = kzt_out_open(&nl);
	if (err)
		return err;
	err = kzt_fetch_network(&nl, nwid, &network);
	if (err)
		err = kzt_out_refused(&nl, err);
	kzt_nl_close(&nl);
	if (err)
		return err;
	err = device_del(network);
	json_decref(network);
	return err;
}

static int network_leave(int argc, char **argv)
{
	json_t *question;
	uint64_t nwid;
	int err;

	if (argc != 2)
		return kzt_usage("network leave needs a network id");
	if (!kzt_arg_nwid(argv[1], &nwid))
		return KZT_USAGE;
	question = json_pack("{s:s,s:o}", "cmd", "network-leave",
			     "id", json_sprintf(KZT_PRIX64,
						(unsigned long long)nwid));
	err = kzt_agent_ask(question, NULL);
	if (err == KZT_ABSENT)
		err = leave_alone(nwid);
	return err ? err : told(NULL, nwid);
}

/* --- show --------------------------------------------------------------------------- */

static void print_details(const json_t *network)
{
	const json_t *v, *flags = json_object_get(network, "flags");
	const json_t *bridges = json_object_get(network, "bridge");
	size_t i;

	if (json_object_get(network, "port-error")) {
		kzt_show_network_conf(network);
		return;
	}
	printf("  mac: %s\n", kzt_get_str(network, "mac", "?"));
	if (json_object_get(network, "revision"))
		printf("  revision: %llu\n",
		       (unsigned long long)kzt_get_int(network, "revision", 0));
	if (json_array_size(flags)) {
		printf("  flags:");
		json_array_foreach(flags, i, v)
			printf(" %s", json_string_value(v));
		putchar('\n');
	}
	if (json_object_get(network, "multicast-limit"))
		printf("  multicast limit: %u\n",
		       (unsigned int)kzt_get_int(network, "multicast-limit", 0));
	json_array_foreach(bridges, i, v)
		printf("  bridge: %s\n", json_string_value(v));
	kzt_show_network_conf(network);
	printf("  members: %u\n  groups: %u\n  rules: %u\n",
	       (unsigned int)kzt_get_int(network, "members", 0),
	       (unsigned int)kzt_get_int(network, "groups", 0),
	       (unsigned int)kzt_get_int(network, "rules", 0));
}

/* All, or the one with an id; the agent may know of some that the module has not */
static int networks_fetch(uint64_t nwid, json_t **out)
{
	struct kzt_nl nl;
	json_t *one;
	int err, code = 0;

	err = kzt_out_open(&nl);
	if (err)
		return err;
	if (nwid) {
		code = kzt_fetch_network(&nl, nwid, &one);
		*out = code ? json_array() : json_pack("[o]", one);
	} else {
		err = kzt_fetch_networks(&nl, out);
	}
	if (!err) {
		kzt_add_network_conf(*out);
		kzt_add_networks_missing(*out, nwid);
	}
	if (code && !json_array_size(*out)) {
		json_decref(*out);
		err = kzt_out_refused(&nl, code);
	}
	kzt_nl_close(&nl);
	return err;
}

static int network_show(int argc, char **argv)
{
	const json_t *network;
	uint64_t nwid = 0;
	json_t *networks;
	size_t i;
	int err;

	if (argc > 2)
		return kzt_arg_surplus(argv[2]);
	if (argc == 2 && !kzt_arg_nwid(argv[1], &nwid))
		return KZT_USAGE;
	err = networks_fetch(nwid, &networks);
	if (err)
		return err;
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "networks", networks));
	json_array_foreach(networks, i, network) {
		kzt_show_network(network);
		if (nwid)
			print_details(network);
	}
	json_decref(networks);
	return KZT_OK;
}

int cmd_network(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "join", network_join, "NWID [dev NAME] [netns NS] [managed on|off|PREFIX,...] [global on|off] [default on|off] [dns on|off]",
		  "make a device of a network" },
		{ "leave", network_leave, "NWID", "remove it" },
		{ "set", kzt_network_set,
		  "NWID [mtu N] [multicast-limit N] [name NAME] [rules FILE] [flag FLAG]... [address IP/LENGTH]... [bridge ADDRESS]... [replicator ADDRESS]... [anchor ADDRESS]...",
		  "configure a network by hand; none clears a list" },
		{ "show", network_show, "[NWID]", "print networks" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt network", argc, argv);
}
