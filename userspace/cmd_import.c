// SPDX-License-Identifier: GPL-2.0
/*
 * kzt import: take over the home of another installation of the protocol's
 * software (spec 2.18 to 2.20).  Nothing there is changed.
 *
 * What is taken goes into the agent's state directory, and the settings into its
 * configuration file; the agent puts both in force.
 */
#include "import.h"
#include "conf.h"
#include "identity.h"
#include "kzt.h"
#include "netconf.h"
#include "match.h"
#include "out.h"
#include "world.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_DIR "/var/lib/kzt"
#define CONF_DIR "/etc/kzt"
#define IDENTITY_FILE_MAX 383
#define WITHIN_MAX 32		/* as many as the agent reads */
#define TOKEN_LEN 24

/* --- the report ------------------------------------------------------------ */

static void report(struct import *m, bool taken, const char *item, const char *fmt,
		   va_list ap)
{
	char why[256];

	vsnprintf(why, sizeof(why), fmt, ap);
	if (taken)
		m->taken++;
	else
		m->left++;
	if (kzt_json)
		json_array_append_new(m->report, json_pack("{s:s,s:b,s:s}", "item", item,
				      "taken", taken, "why", why));
	else
		printf("%s %-28s %s\n", taken ? "took" : "left", item, why);
}

void kzt_import_took(struct import *m, const char *item, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(m, true, item, fmt, ap);
	va_end(ap);
}

void kzt_import_left(struct import *m, const char *item, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(m, false, item, fmt, ap);
	va_end(ap);
}

/* --- files ------------------------------------------------------------ */

ssize_t kzt_import_read(struct import *m, const char *name, void *buf, size_t max)
{
	char path[PATH_MAX + NAME_MAX];
	ssize_t n, len = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", m->home, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while ((size_t)len < max) {
		n = read(fd, (char *)buf + len, max - (size_t)len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			len = -errno;
		if (n <= 0)
			break;
		len += n;
	}
	if (len >= 0 && (size_t)len == max && read(fd, path, 1) == 1)
		len = -EFBIG;
	close(fd);
	return len;
}

bool kzt_import_write(struct import *m, const char *name, const void *buf, size_t len)
{
	int code = m->dry ? 0 : agent_state_write(&m->state, name, buf, len);

	if (code)
		m->err = kzt_fail("%s/%s: %s", m->state.path, name, strerror(-code));
	return !code;
}

/* fn for each file of a directory below @home with a name of 16 digits and @suffix */
static void each(struct import *m, const char *sub, const char *suffix,
		 void (*fn)(struct import *m, const char *name, uint64_t id))
{
	char path[PATH_MAX + NAME_MAX], name[NAME_MAX + 64];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", m->home, sub);
	dir = opendir(path);
	while (dir && !m->err && (e = readdir(dir))) {
		if (strspn(e->d_name, "0123456789abcdef") != 16 ||
		    strcmp(e->d_name + 16, suffix))
			continue;
		snprintf(name, sizeof(name), "%s/%s", sub, e->d_name);
		fn(m, name, strtoull(e->d_name, NULL, 16));
	}
	if (dir)
		closedir(dir);
}

/* --- identity and worlds ------------------------------------------------------------ */

static bool other_identity(struct import *m, const char *text)
{
	char have[IDENTITY_FILE_MAX + 1] = "";
	ssize_t n = agent_state_read(&m->state, "identity.secret", have, sizeof(have) - 1);
	bool other = n > 0 && strncmp(have, text, 10 + 3 + 128);

	explicit_bzero(have, sizeof(have));
	return other;
}

static void import_identity(struct import *m)
{
	char text[IDENTITY_FILE_MAX + 1] = "", pub[KZT_ID_TEXT_MAX];
	const char *why = NULL;
	struct kzt_id id;
	ssize_t n;

	n = kzt_import_read(m, "identity.secret", text, IDENTITY_FILE_MAX);
	if (n < 0) {
		m->err = kzt_fail("%s/identity.secret: %s", m->home, strerror((int)-n));
		return;
	}
	if (kzt_id_parse(&id, text, &why) || (!id.has_secret && (why = "holds no secret key")) ||
	    kzt_id_validate(&id, &why)) {
		m->err = kzt_fail("%s/identity.secret: %s", m->home, why ? why : "not valid");
	} else if (kzt_id_text(&id, true, text, sizeof(text)) ||
		   kzt_id_text(&id, false, pub, sizeof(pub))) {
		m->err = kzt_fail("%s/identity.secret: cannot be written", m->home);
	} else if (!m->dry && other_identity(m, text)) {
		m->err = kzt_fail("%s has another identity already: remove it, or import elsewhere",
				  m->state.path);
	} else if (kzt_import_write(m, "identity.secret", text, strlen(text)) &&
		   kzt_import_write(m, "identity.public", pub, strlen(pub))) {
		kzt_import_took(m, "identity.secret",
				"node " KZT_PRIADDR ": stop the other service first, two nodes must not share it",
				(unsigned long long)id.address);
	}
	m->address = id.address;
	kzt_id_wipe(&id);
	explicit_bzero(text, sizeof(text));
}

/* A world that parses, or NULL in @why */
static ssize_t read_world(struct import *m, const char *name, uint8_t *blob,
			  struct kzt_world_info *w, const char **why)
{
	ssize_t n = kzt_import_read(m, name, blob, KZT_WORLD_BLOB_MAX);
	unsigned int i;

	*why = NULL;
	if (n < 0)
		*why = strerror((int)-n);
	else if (kzt_world_parse_blob(w, blob, (size_t)n, why))
		*why = *why ? *why : "malformed";
	for (i = 0; !*why && i < w->n_roots; i++)
		if (kzt_id_validate(&w->root[i].id, why))
			*why = *why ? *why : "a root's identity is not valid";
	return n;
}

static void import_planet(struct import *m)
{
	static struct kzt_world_info w;
	uint8_t blob[KZT_WORLD_BLOB_MAX];
	const char *why;
	ssize_t n;

	n = read_world(m, "planet", blob, &w, &why);
	if (n == -ENOENT)
		return;
	if (!why && w.type != 1)
		why = "it is no planet";
	if (why)
		kzt_import_left(m, "planet", "%s: the built-in one is used", why);
	else if (kzt_import_write(m, "planet", blob, (size_t)n))
		kzt_import_took(m, "planet", "%u roots", w.n_roots);
}

static void import_moon(struct import *m, const char *name, uint64_t id)
{
	static struct kzt_world_info w;
	uint8_t blob[KZT_WORLD_BLOB_MAX];
	const char *why;
	ssize_t n;

	n = read_world(m, name, blob, &w, &why);
	if (!why && (w.type != 127 || w.id != id))
		why = "it is another world than its name says";
	if (why)
		kzt_import_left(m, name, "%s", why);
	else if (kzt_import_write(m, name, blob, (size_t)n))
		kzt_import_took(m, name, "%u roots", w.n_roots);
}

/* --- networks ------------------------------------------------------------ */

/* Of the lines NWID=IFNAME */
static bool device_name(struct import *m, uint64_t id, char name[IF_NAMESIZE])
{
	char text[65536], *line, *next, key[20];
	ssize_t n = kzt_import_read(m, "devicemap", text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = 0;
	snprintf(key, sizeof(key), "%016llx=", (unsigned long long)id);
	for (next = text; (line = strsep(&next, "\r\n"));) {
		if (strncasecmp(line, key, 17) || !line[17] || strlen(line + 17) >= IF_NAMESIZE)
			continue;
		strcpy(name, line + 17);
		return true;
	}
	return false;
}

/* The name that the other software computes (spec 4.1.5) */
static void computed_name(uint64_t id, char name[IF_NAMESIZE])
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint64_t v = (id ^ id >> 24) & 0xffffffffffull;
	unsigned int i;

	strcpy(name, "zt");
	for (i = 0; i < 8; i++)
		name[2 + i] = digits[v >> (35 - 5 * i) & 31];
	name[10] = 0;
}

/* A list of prefixes, as the agent remembers one; what is none of it is left out */
static void managed_within(struct import *m, const char *file, json_t *doc, const char *value)
{
	struct kzt_out_prefix p;
	char item[80], text[80];
	json_t *list = json_array();

	while (kzt_conf_item(&value, item, sizeof(item))) {
		if (kzt_parse_prefix(item, &p) && json_array_size(list) < WITHIN_MAX) {
			kzt_text_prefix(&p, text, sizeof(text));
			json_array_append_new(list, json_string(text));
		} else {
			kzt_import_left(m, file, "allowManaged: %s is not a prefix, or one too many",
					item);
		}
	}
	json_object_set_new(doc, "managed", json_boolean(json_array_size(list)));
	if (json_array_size(list))
		json_object_set(doc, "managed-within", list);
	json_decref(list);
}

/* One of the switches of NWID.local.conf into @doc */
static void network_switch(struct import *m, const char *file, json_t *doc, char *line)
{
	static const struct { const char *key, *word; } keys[] = {
		{ "allowManaged", "managed" }, { "allowGlobal", "global" },
		{ "allowDefault", "default" }, { "allowDNS", "dns" },
	};
	char *value = strchr(line, '=');
	unsigned int i;
	bool on;

	if (!value)
		return;
	*value++ = 0;
	on = *value == '1' || *value == 't' || *value == 'T';
	for (i = 0; i < 4; i++) {
		if (strcmp(line, keys[i].key))
			continue;
		if (!i && strlen(value) > 5)
			managed_within(m, file, doc, value);
		else
			json_object_set_new(doc, keys[i].word, json_boolean(on));
	}
}

static void network_switches(struct import *m, uint64_t id, json_t *doc)
{
	char name[64], text[4096], *line, *next;
	ssize_t n;

	snprintf(name, sizeof(name), "networks.d/%016llx.local.conf", (unsigned long long)id);
	n = kzt_import_read(m, name, text, sizeof(text) - 1);
	if (n < 0)
		return;
	text[n] = 0;
	for (next = text; (line = strsep(&next, "\r\n"));)
		network_switch(m, name, doc, line);
}

/* When a configuration was made that the agent would take (spec 4.4.7), or 0 */
static uint64_t config_made(struct import *m, const uint8_t *dict, ssize_t len, uint64_t id,
			    const char **why)
{
	struct kzt_config *conf = malloc(sizeof(*conf));
	uint8_t *scratch = malloc(KZT_CONFIG_MAX_LEN);
	uint64_t made = 0;

	*why = NULL;
	if (!conf || !scratch)
		*why = "no memory";
	else if (len <= 0)
		*why = strerror((int)-len);
	else if (kzt_config_decode(conf, dict, (size_t)len, scratch, KZT_CONFIG_MAX_LEN, why))
		*why = *why ? *why : "malformed";
	else if (conf->nwid != id)
		*why = "it is of another network";
	else if (conf->issued_to != m->address)
		*why = "it is for another node";
	else
		made = conf->timestamp;
	free(conf);
	free(scratch);
	return made;
}

/*
 * The configuration that was remembered, so that the network is there while its
 * controller is not, unless ours is newer.  False: there is none, or *why it is
 * of no use.
 */
static bool network_config(struct import *m, const char *name, uint64_t id, const char **why)
{
	uint8_t *dict = malloc(KZT_CONFIG_MAX_LEN), *ours = malloc(KZT_CONFIG_MAX_LEN);
	const char *no_matter;
	bool taken = false;
	uint64_t made;
	ssize_t n, n_ours = -ENOENT;

	*why = NULL;
	n = dict && ours ? kzt_import_read(m, name, dict, KZT_CONFIG_MAX_LEN) : -ENOMEM;
	if (n != 1 || *dict != '\n') {	/* else it was joined, and never configured */
		made = config_made(m, dict, n, id, why);
		if (made && !m->dry)
			n_ours = agent_state_read(&m->state, name, ours, KZT_CONFIG_MAX_LEN);
		taken = made && (config_made(m, ours, n_ours, id, &no_matter) >= made ||
				 kzt_import_write(m, name, dict, (size_t)n));
	}
	free(dict);
	free(ours);
	return taken;
}

static void import_network(struct import *m, const char *name, uint64_t id)
{
	char dev[IF_NAMESIZE], file[64], *text;
	bool configured;
	const char *why;
	json_t *doc;

	if (!id)
		return;
	if (!device_name(m, id, dev))
		computed_name(id, dev);
	doc = json_pack("{s:s,s:b}", "dev", dev, "auto-dev", 1);
	network_switches(m, id, doc);
	text = json_dumps(doc, JSON_INDENT(1));
	json_decref(doc);
	snprintf(file, sizeof(file), "networks.d/%016llx.json", (unsigned long long)id);
	configured = network_config(m, name, id, &why);
	if (m->err || !text || !kzt_import_write(m, file, text, strlen(text)))
		;	/* that ends everything */
	else if (configured)
		kzt_import_took(m, name, "joined on %s, configured as it was until the controller is asked",
				dev);
	else if (why)
		kzt_import_took(m, name, "joined on %s; its configuration is asked for again: %s", dev,
				why);
	else
		kzt_import_took(m, name, "joined on %s; its configuration is asked for", dev);
	free(text);
}

/* --- tokens: scripts know them --- */

static void import_token(struct import *m, const char *name)
{
	char text[128] = "", have[128] = "";
	ssize_t n = kzt_import_read(m, name, text, sizeof(text) - 1);

	if (n == -ENOENT || m->err)
		return;
	if (n > 0)
		text[strcspn(text, " \t\r\n")] = 0;
	if (!m->dry)
		agent_state_read(&m->state, name, have, sizeof(have) - 1);
	if (n < 0 || strlen(text) != TOKEN_LEN ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789") != TOKEN_LEN)
		kzt_import_left(m, name, "it is no token: the agent makes one of its own");
	else if (*have && strncmp(have, text, TOKEN_LEN))
		kzt_import_left(m, name, "the agent has one of its own already");
	else if (kzt_import_write(m, name, text, TOKEN_LEN))
		kzt_import_took(m, name, "who has it may go on using the local API");
	explicit_bzero(text, sizeof(text));
	explicit_bzero(have, sizeof(have));
}

/* --- what stays ------------------------------------------------------------ */

static void import_rest(struct import *m)
{
	static const struct { const char *name, *why; } rest[] = {
		{ "controller.d", "networks of its own: once kztd runs, kzt controller import takes them" },
	};
	char path[PATH_MAX + NAME_MAX];
	struct stat st;
	unsigned int i;

	for (i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", m->home, rest[i].name);
		if (!stat(path, &st))
			kzt_import_left(m, rest[i].name, "%s", rest[i].why);
	}
}

/* The settings, as a file for the agent; one that is there is not replaced */
static void write_conf(struct import *m, const char *text, size_t len, const char *path)
{
	FILE *f;

	if (!len || m->err)
		return;
	if (m->dry) {
		kzt_import_took(m, "settings", "they would go to %s", path);
		return;
	}
	if (mkdir(CONF_DIR, 0755) && errno != EEXIST)
		m->err = kzt_fail(CONF_DIR ": %s", strerror(errno));
	f = m->err ? NULL : fopen(path, "wxe");
	if (f && fwrite(text, 1, len, f) == len && !fflush(f) && !fsync(fileno(f))) {
		kzt_import_took(m, "settings", "written to %s", path);
	} else if (!f && errno == EEXIST) {
		kzt_import_left(m, "settings", "%s exists, and is not replaced; add to it:", path);
		if (!kzt_json)
			fputs(text, stdout);
	} else if (!m->err) {
		m->err = kzt_fail("%s: %s", path, strerror(errno));
	}
	if (f)
		fclose(f);
}

/* --- all of it ------------------------------------------------------------ */

static void import_all(struct import *m, const char *conf_path)
{
	char *text = NULL;
	size_t len = 0;

	m->conf = open_memstream(&text, &len);
	if (!m->conf) {
		m->err = kzt_fail("no memory");
		return;
	}
	import_identity(m);
	if (!m->err)
		import_planet(m);
	each(m, "moons.d", ".moon", import_moon);
	each(m, "networks.d", ".conf", import_network);
	if (!m->err)
		kzt_import_local_conf(m);
	if (!m->err)
		kzt_import_peers(m);
	fclose(m->conf);
	import_token(m, "authtoken.secret");
	import_token(m, "metricstoken.secret");
	write_conf(m, text, len, conf_path);
	free(text);
	if (!m->err)
		import_rest(m);
}

enum { DRY_RUN, STATE, CONFIG };

static const char *const import_keys[] = {
	[DRY_RUN] = "dry-run", [STATE] = "state", [CONFIG] = "config", NULL,
};

int cmd_import(int argc, char **argv)
{
	struct import m = { .state.dir = -1 };
	char state[PATH_MAX], conf[PATH_MAX], err[256];
	const char *state_arg = NULL, *conf_arg = NULL;
	int i;

	if (argc < 2)
		return kzt_usage("import needs the other installation's directory");
	snprintf(m.home, sizeof(m.home), "%s", argv[1]);
	for (i = 2; i < argc; i++) {
		int key = kzt_arg_word(argv[i], import_keys);

		if (key == DRY_RUN) {
			m.dry = true;
			continue;
		}
		if (key < 0 || !kzt_arg_value(argc, argv, &i))
			return KZT_USAGE;
		*(key == STATE ? &state_arg : &conf_arg) = argv[i];
	}
	snprintf(state, sizeof(state), STATE_DIR "%s%s", kzt_netns ? "/" : "",
		 kzt_netns ? kzt_netns : "");
	snprintf(conf, sizeof(conf), CONF_DIR "/%s.conf", kzt_netns ? kzt_netns : "kzt");
	/* Before anything is made */
	if (access(m.home, R_OK | X_OK))
		return kzt_fail("%s: %s", m.home, strerror(errno));
	if (!m.dry && agent_state_open(&m.state, state_arg ? state_arg : state, err))
		return kzt_fail("%s%s", err, strstr(err, "another agent") ?
				": stop it first (systemctl stop kztd)" : "");
	m.report = json_array();
	import_all(&m, conf_arg ? conf_arg : conf);
	agent_state_close(&m.state);
	if (!m.err && kzt_json)
		m.err = kzt_print_json(json_pack("{s:O}", "import", m.report));
	else if (!m.err)
		printf("%u taken, %u left out%s\n", m.taken, m.left, m.dry ?
		       "; nothing was written" : "; start kztd to put it in force");
	json_decref(m.report);
	return m.err;
}
