// SPDX-License-Identifier: GPL-2.0
/*
 * Name servers of networks, given to systemd-resolved where it runs; elsewhere
 * `kzt network show` tells them and nothing is changed.
 */
#include "agent_config.h"
#include <arpa/inet.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESOLVED "/run/systemd/resolve/resolv.conf"
#define TOOL "/usr/bin/resolvectl"

extern char **environ;

/* The tool speaks to a local service and ends at once */
static int run(const char *const argv[])
{
	int status;
	pid_t pid;
	int err = -posix_spawn(&pid, argv[0], NULL, NULL,
			       (char *const *)argv, environ);

	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

static int give_servers(struct agent_network *nw, const struct kzt_config *conf)
{
	char ip[KZT_CONFIG_MAX_DNS][INET6_ADDRSTRLEN];
	const char *argv[4 + KZT_CONFIG_MAX_DNS] = { TOOL, "dns", nw->ifname };
	unsigned int i, n = 3;

	for (i = 0; i < KZT_CONFIG_MAX_DNS; i++) {
		const struct kzt_inetaddr *s = &conf->dns[i];

		if (s->family == KZT_AF_NONE)
			continue;
		inet_ntop(s->family == KZT_AF_INET ? AF_INET : AF_INET6, s->ip,
			  ip[i], sizeof(ip[i]));
		argv[n++] = ip[i];
	}
	return n == 3 ? 0 : run(argv);
}

/* Only names under it are asked of these servers */
static int give_domain(struct agent_network *nw, const struct kzt_config *conf)
{
	char domain[KZT_CONFIG_DOMAIN_LEN + 2];
	const char *argv[] = { TOOL, "domain", nw->ifname, domain, NULL };

	if (!*conf->dns_domain || *conf->dns_domain == '-')
		return 0;
	snprintf(domain, sizeof(domain), "%s", conf->dns_domain);
	return run(argv);
}

void agent_dns_apply(struct agent *a, struct agent_network *nw)
{
	const struct kzt_config *conf = nw->config ? nw->config->conf : NULL;
	const char *revert[] = { TOOL, "revert", nw->ifname, NULL };
	bool want = conf && conf->has_dns && nw->allow.dns && nw->present &&
		    (*conf->dns_domain || conf->dns[0].family != KZT_AF_NONE);
	int err = 0;

	(void)a;
	/* Its devices are those of the initial namespace */
	if ((!want && !nw->dns_set) || nw->nsid >= 0 || access(RESOLVED, F_OK) ||
	    access(TOOL, X_OK))
		return;
	if (want) {
		err = give_servers(nw, conf);
		if (!err)
			err = give_domain(nw, conf);
	} else {
		err = run(revert);
	}
	nw->dns_set = want && !err;
	if (err && agent_limit_pass(&nw->limit))
		agent_log(LOG_WARNING, "%s: systemd-resolved did not take the name servers",
			  nw->ifname);
}
