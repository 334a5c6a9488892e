// SPDX-License-Identifier: GPL-2.0
/*
 * kzt import: peers.d, the peers that were met and where (spec 2.20, step 6).
 *
 * They go where the agent remembers its own: it offers them to the kernel, which
 * greets the endpoints and believes whoever answers.
 */
#include "import.h"
#include "kzt.h"
#include "lax.h"
#include "peer_file.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PEERS_MAX 1024		/* as many as the agent offers */

int kzt_import_peer(struct import *m, uint64_t address, struct peer_file *p, const char **why)
{
	uint8_t blob[PEER_FILE_MAX];
	char name[32];
	ssize_t n;

	snprintf(name, sizeof(name), "peers.d/%010" PRIx64 ".peer", address);
	n = kzt_import_read(m, name, blob, sizeof(blob));
	*why = "cannot be read";
	if (n < 0 || peer_file_parse(p, blob, (size_t)n, why))
		return -1;
	*why = "the identity of another peer";
	return p->id.address == address ? kzt_id_validate(&p->id, why) : -1;
}

/* As the agent writes them: the identity, then an endpoint a line */
static bool keep(struct import *m, const struct peer_file *p)
{
	char text[KZT_ID_TEXT_MAX + PEER_FILE_ENDPOINTS * 72], ip[INET6_ADDRSTRLEN], name[40];
	size_t len;
	unsigned int i;

	if (kzt_id_text(&p->id, false, text, KZT_ID_TEXT_MAX))
		return false;
	len = strlen(text);
	text[len++] = '\n';
	for (i = 0; i < p->n; i++) {
		inet_ntop(p->at[i].family == KZT_AF_INET ? AF_INET : AF_INET6, p->at[i].ip,
			  ip, sizeof(ip));
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s/%u\n", ip,
					p->at[i].port);
	}
	snprintf(name, sizeof(name), "peers.d/%016" PRIx64 ".peer", p->id.address);
	return kzt_import_write(m, name, text, len);
}

/* Of the age that the agent forgets a peer at? */
static bool old(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, 0) || time(NULL) - st.st_mtime > PEER_FILE_EXPIRE_S;
}

void kzt_import_peers(struct import *m)
{
	char path[PATH_MAX + NAME_MAX], item[NAME_MAX + 16];
	unsigned int taken = 0, stale = 0, bare = 0;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/peers.d", m->home);
	dir = opendir(path);
	if (!dir)
		return;
	while (!m->err && taken < PEERS_MAX && (e = readdir(dir))) {
		struct peer_file p;
		const char *why;
		uint64_t address;

		if (strlen(e->d_name) != 15 || strcmp(e->d_name + 10, ".peer"))
			continue;
		snprintf(item, sizeof(item), "peers.d/%s", e->d_name);
		e->d_name[10] = 0;
		if (!lax_hex(e->d_name, 10, &address))
			continue;
		if (old(dirfd(dir), item + strlen("peers.d/")))
			stale++;
		else if (kzt_import_peer(m, address, &p, &why))
			kzt_import_left(m, item, "%s", why);
		else if (!p.n)
			bare++;
		else
			taken += keep(m, &p);
	}
	closedir(dir);
	if (taken)
		kzt_import_took(m, "peers.d", "%u remembered, greeted where they were met last", taken);
	if (stale || bare)
		kzt_import_left(m, "peers.d", "%u not met for 30 days, %u without an endpoint",
				stale, bare);
}
