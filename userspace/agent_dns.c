// SPDX-License-Identifier: GPL-2.0
/*
 * Name servers of networks, given to systemd-resolved where it runs; elsewhere
 * `kzt network show` tells them and nothing is changed.
 *
 * resolvectl speaks to it, one at a time and beside the event loop: it waits for
 * half a minute where the message bus hangs.
 */
#include "agent_config.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* It listens there for as long as it runs, from version 246 on */
#define RESOLVED "/run/systemd/resolve/io.systemd.Resolve"
#define TOOL "resolvectl"
#define RUN_MS 10000
#define RETRY_MS 5000

extern char **environ;

/**
 * struct agent_dns - what is being told to the resolver
 * @child: resolvectl; no descriptor if none runs
 * @pid: of that
 * @since_ms: when it was started
 * @id: of the network, @ifindex and @ifname of its device
 * @want: what it is to have; nothing: what it has is taken away
 * @step: what of it is being told
 */
struct agent_dns {
	struct agent_source child;
	pid_t pid;
	uint64_t since_ms;
	uint64_t id;
	int ifindex;
	char ifname[IFNAMSIZ];
	struct agent_dns_set want;
	enum dns_step { DNS_DOMAIN, DNS_ROUTE, DNS_SERVERS } step;
};

static bool is_running(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = RESOLVED };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good;

	if (fd < 0)
		return false;
	good = !connect(fd, (struct sockaddr *)&sun, sizeof(sun));
	close(fd);
	return good;
}

static bool is_empty(const struct agent_dns_set *set)
{
	return !*set->domain && !*set->server[0];
}

/* Its devices are those of the first namespace */
static bool can_have(const struct agent *a, const struct agent_network *nw)
{
	return a->initial && nw->present && nw->nsid < 0;
}

/* False as long as it is not known: nothing is taken away by mistake */
static bool wanted(const struct agent_network *nw, struct agent_dns_set *set)
{
	const struct kzt_config *conf = nw->config ? nw->config->conf : NULL;
	unsigned int i, n = 0;

	memset(set, 0, sizeof(*set));
	if (!nw->allow.dns)
		return true;
	if (!conf)
		return !nw->config;
	if (!conf->has_dns)
		return true;
	/* A word that begins with a dash is no domain to resolvectl */
	if (*conf->dns_domain != '-')
		snprintf(set->domain, sizeof(set->domain), "%s", conf->dns_domain);
	for (i = 0; i < KZT_CONFIG_MAX_DNS; i++) {
		const struct kzt_inetaddr *s = &conf->dns[i];

		if (s->family != KZT_AF_NONE)
			inet_ntop(s->family == KZT_AF_INET ? AF_INET : AF_INET6, s->ip,
				  set->server[n++], sizeof(set->server[0]));
	}
	return true;
}

bool agent_dns_is_set(const struct agent_network *nw)
{
	return nw->dns_told && !is_empty(&nw->dns);
}

/* What it may have of us from now on; @told: it took all of it */
static void note(struct agent *a, struct agent_network *nw,
		 const struct agent_dns_set *set, bool told)
{
	bool given = !is_empty(set) || !told;

	nw->dns = *set;
	nw->dns_told = told;
	if (nw->dns_given == given)
		return;
	nw->dns_given = given;
	if (nw->joined && agent_network_save(a, nw) && agent_limit_pass(&nw->limit))
		agent_log(LOG_WARNING, "network %016" PRIx64 " cannot be remembered", nw->id);
}

/* --- resolvectl ---------- */

static int spawn(struct agent_dns *d, const char *const argv[])
{
	posix_spawnattr_t attr;
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	err = posix_spawnattr_init(&attr);
	if (err)
		return -err;
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	err = posix_spawnp(&d->pid, argv[0], NULL, &attr, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attr);
	return -err;
}

/*
 * The domain first: without servers it means nothing, should they be refused.
 * Where there is one, no other names are asked of these servers.
 */
static int tell(struct agent *a)
{
	static const char *const verbs[] = { "domain", "default-route", "dns" };
	const char *argv[4 + KZT_CONFIG_MAX_DNS] = { TOOL };
	struct agent_dns *d = a->dns;
	unsigned int i, n = 3;
	int err;

	argv[1] = verbs[d->step];
	argv[2] = d->ifname;
	if (is_empty(&d->want))
		argv[1] = "revert";
	else if (d->step == DNS_DOMAIN)
		argv[n++] = d->want.domain;
	else if (d->step == DNS_ROUTE)
		argv[n++] = *d->want.domain ? "no" : "yes";
	else	/* an empty word for none */
		for (i = 0; i < KZT_CONFIG_MAX_DNS; i++)
			if (!i || *d->want.server[i])
				argv[n++] = d->want.server[i];
	err = spawn(d, argv);
	if (err)
		return err;
	d->since_ms = agent_now_ms();
	d->child.fd = pidfd_open(d->pid, 0);
	err = d->child.fd < 0 ? -errno : agent_loop_add(&a->loop, &d->child, EPOLLIN);
	if (!err)
		return 0;
	agent_loop_del(&a->loop, &d->child);
	kill(d->pid, SIGKILL);
	waitpid(d->pid, NULL, 0);
	return err;
}

static void refused(struct agent_network *nw, const char *why)
{
	nw->dns_retry_ms = agent_now_ms() + RETRY_MS;
	if (agent_limit_pass(&nw->limit))
		agent_log(LOG_WARNING, "%s: systemd-resolved did not take the name servers: %s",
			  nw->ifname, why);
}

/* resolvectl has ended */
static void child_ready(struct agent_source *src, uint32_t events)
{
	struct agent *a = src->arg;
	struct agent_dns *d = a->dns;
	struct agent_network *nw;
	int status, err = 0;

	(void)events;
	agent_loop_del(&a->loop, src);
	if (waitpid(d->pid, &status, 0) != d->pid)
		status = -1;
	nw = agent_network_find(a, d->id);
	if (!nw || !nw->present || nw->ifindex != d->ifindex) {
		agent_dns_apply(a);
		return;
	}
	if (status) {
		refused(nw, WIFSIGNALED(status) ? "no answer" : TOOL " failed");
	} else if (is_empty(&d->want) || d->step == DNS_SERVERS) {
		note(a, nw, &d->want, true);
	} else {
		d->step++;
		err = tell(a);
		if (!err)
			return;
		refused(nw, strerror(-err));
	}
	agent_dns_apply(a);
}

static void start(struct agent *a, struct agent_network *nw,
		  const struct agent_dns_set *want)
{
	struct agent_dns *d = a->dns;
	int err;

	d->id = nw->id;
	d->ifindex = nw->ifindex;
	memcpy(d->ifname, nw->ifname, sizeof(d->ifname));
	d->want = *want;
	d->step = DNS_DOMAIN;
	note(a, nw, want, false);
	err = tell(a);
	if (err)
		refused(nw, err == -ENOENT ? "there is no " TOOL : strerror(-err));
}

/* --- what there is to tell ---------- */

void agent_dns_apply(struct agent *a)
{
	static const struct agent_dns_set nothing;
	uint64_t now = agent_now_ms();
	struct agent_network *nw;
	struct agent_dns_set want;
	bool same;

	for (nw = a->networks->first; nw && a->dns->child.fd < 0; nw = nw->next) {
		if (!can_have(a, nw)) {
			/* With its device the resolver has forgotten it */
			note(a, nw, &nothing, true);
			continue;
		}
		if (!wanted(nw, &want))
			continue;
		same = !memcmp(&want, &nw->dns, sizeof(want));
		if (same && (nw->dns_told || now < nw->dns_retry_ms))
			continue;
		if (is_running())
			start(a, nw, &want);
	}
}

void agent_dns_tick(struct agent *a)
{
	struct agent_dns *d = a->dns;

	if (d->child.fd >= 0 && agent_now_ms() - d->since_ms > RUN_MS)
		kill(d->pid, SIGKILL);
	agent_dns_apply(a);
}

int agent_dns_start(struct agent *a)
{
	a->dns = calloc(1, sizeof(*a->dns));
	if (!a->dns)
		return -ENOMEM;
	a->dns->child = (struct agent_source){ -1, child_ready, a };
	return 0;
}

/* One that runs ends by itself */
void agent_dns_stop(struct agent *a)
{
	if (a->dns)
		agent_loop_del(&a->loop, &a->dns->child);
	free(a->dns);
	a->dns = NULL;
}
