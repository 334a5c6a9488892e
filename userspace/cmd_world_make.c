// SPDX-License-Identifier: GPL-2.0
/* kzt world make: a planet or a moon of one's own (spec 2.17). */
#include "file.h"
#include "kzt.h"
#include "match.h"
#include "out.h"
#include "show.h"
#include "world.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TYPE_PLANET 1
#define TYPE_MOON 127
#define PUBLIC_PLANET 149604618ULL
#define FILE_MAX 8480		/* of a world, attachments included */

struct make {
	struct kzt_world_info w;
	const char *out;
	const char *key;
	bool has_id, has_timestamp;
};

static int key_new(const char *path, struct kzt_world_key *key)
{
	int err;

	if (kzt_world_key_make(key))
		return kzt_fail("cannot make a key");
	err = kzt_file_write(path, key, sizeof(*key), 0600, false);
	if (err)
		return kzt_fail("%s: %s", path, strerror(-err));
	fprintf(stderr, "kzt: made a new key in %s: keep it, only it can sign updates\n",
		path);
	return KZT_OK;
}

/* Raw, as the older planet tool keeps it: public 64 bytes, secret 64 (spec 2.17) */
static int key_load(const char *path, struct kzt_world_key *key)
{
	uint8_t more;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return errno == ENOENT ? key_new(path, key) :
		       kzt_fail("%s: %s", path, strerror(errno));
	n = read(fd, key, sizeof(*key));
	if (n == sizeof(*key))
		n += read(fd, &more, 1);
	close(fd);
	if (n != sizeof(*key))
		return kzt_fail("%s: a key file has 128 bytes", path);
	if (!kzt_world_key_ok(key)) {
		explicit_bzero(key, sizeof(*key));
		return kzt_fail("%s: the secret key is not that of the public key", path);
	}
	return KZT_OK;
}

static int add_endpoints(struct kzt_root_info *r, char *words)
{
	char *word, *save = NULL;
	size_t len;

	for (word = strtok_r(words, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		const struct sockaddr_in *in = (const void *)&r->endpoint[r->n_endpoints];

		if (r->n_endpoints == KZT_WORLD_ENDPOINTS)
			return kzt_fail("more than %d endpoints of a root",
					KZT_WORLD_ENDPOINTS);
		if (!kzt_arg_endpoint(word, &r->endpoint[r->n_endpoints], &len))
			return KZT_USAGE;
		if (!in->sin_port)	/* at the same place in both families */
			return kzt_usage("\"%s\": the port is missing", word);
		r->n_endpoints++;
	}
	return KZT_OK;
}

/* FILE=IP/PORT[,IP/PORT]... */
static int add_root(struct make *m, const char *value)
{
	char *word = strdup(value), *eq = word ? strrchr(word, '=') : NULL;
	struct kzt_root_info *r = &m->w.root[m->w.n_roots];
	const char *why = NULL;
	unsigned int i;
	int err;

	if (m->w.n_roots == KZT_WORLD_ROOTS) {
		free(word);
		return kzt_fail("more than %d roots", KZT_WORLD_ROOTS);
	}
	if (!eq) {
		free(word);
		return kzt_usage("a root is FILE=IP/PORT[,IP/PORT]..., not \"%s\"", value);
	}
	*eq = 0;
	err = kzt_id_load(&r->id, word, &why);
	if (!err)
		err = kzt_id_validate(&r->id, &why);
	if (err)
		err = kzt_fail("%s: %s", word, why ? why : strerror(-err));
	explicit_bzero(r->id.secret, sizeof(r->id.secret));
	r->id.has_secret = false;
	for (i = 0; !err && i < m->w.n_roots; i++)
		if (m->w.root[i].id.address == r->id.address)
			err = kzt_fail("%s: is a root already", word);
	if (!err)
		err = add_endpoints(r, eq + 1);
	free(word);
	if (!err && !r->n_endpoints && m->w.type == TYPE_PLANET)
		return kzt_usage("a planet's root needs an endpoint, else nobody finds it");
	if (!err)
		m->w.n_roots++;
	return err;
}

enum { MOON, ROOT, KEY, ID, TIMESTAMP };

static const char *const make_keys[] = {
	[MOON] = "moon", [ROOT] = "root", [KEY] = "key", [ID] = "id",
	[TIMESTAMP] = "timestamp", NULL,
};

static int make_arg(struct make *m, int argc, char **argv, int *i)
{
	int key = kzt_arg_word(argv[*i], make_keys);
	const char *value;
	char *end;

	if (key < 0)
		return KZT_USAGE;
	if (key == MOON)
		return KZT_OK;		/* is_moon() has seen it */
	value = kzt_arg_value(argc, argv, i);
	if (!value)
		return KZT_USAGE;
	switch (key) {
	case ROOT:
		return add_root(m, value);
	case KEY:
		m->key = value;
		break;
	case ID:
		m->w.id = strtoull(value, &end, 16);
		m->has_id = true;
		if (!m->w.id || *end || strlen(value) > 16)
			return kzt_usage("id: up to 16 hexadecimal digits, not 0");
		break;
	case TIMESTAMP:
		if (!kzt_arg_number("timestamp", value, UINT64_MAX, &m->w.timestamp))
			return KZT_USAGE;
		m->has_timestamp = true;
	}
	return KZT_OK;
}

/* Roots are judged by what is made, wherever that is said */
static bool is_moon(int argc, char **argv)
{
	int i, key;

	for (i = 2; i < argc; i += 2) {
		key = kzt_match_table(argv[i], make_keys, sizeof(make_keys[0]));
		if (key == MOON)
			return true;
	}
	return false;
}

/* What OUT holds already is followed: same id, greater timestamp, signed by its key */
static int make_succeed(struct make *m, const struct kzt_world_key *key)
{
	struct kzt_world_info old;
	uint8_t blob[FILE_MAX];
	const char *why = NULL;
	size_t len;

	if (access(m->out, F_OK))
		return KZT_OK;
	if (kzt_world_load(m->out, blob, sizeof(blob), &len, &why) ||
	    kzt_world_parse_blob(&old, blob, len, &why))
		return kzt_fail("%s: exists, holds no world, and is not replaced", m->out);
	if (old.type != m->w.type || (m->has_id && old.id != m->w.id))
		return kzt_fail("%s: holds another world, and is not replaced", m->out);
	if (memcmp(old.update_key, key->pub, sizeof(key->pub)))
		return kzt_fail("%s: only the key that it names can sign its successor",
				m->out);
	m->w.id = old.id;
	m->has_id = true;
	if (m->w.timestamp <= old.timestamp) {
		if (m->has_timestamp)
			return kzt_fail("%s: holds a newer one", m->out);
		m->w.timestamp = old.timestamp + 1;
	}
	return KZT_OK;
}

static void make_defaults(struct make *m)
{
	struct timespec ts;

	if (!m->has_timestamp) {
		clock_gettime(CLOCK_REALTIME, &ts);
		m->w.timestamp = (uint64_t)ts.tv_sec * 1000 +
				 (uint64_t)ts.tv_nsec / 1000000;
	}
}

/* A moon is known by its first root; a planet gets any number (spec 2.17) */
static void make_id(struct make *m)
{
	while (!m->w.id || (!m->has_id && m->w.type == TYPE_PLANET &&
			    m->w.id == PUBLIC_PLANET)) {
		if (m->w.type == TYPE_MOON)
			m->w.id = m->w.root[0].id.address;
		else if (getrandom(&m->w.id, sizeof(m->w.id), 0) != sizeof(m->w.id))
			m->w.id = m->w.timestamp;
	}
}

static int make_sign(struct make *m, const struct kzt_world_key *key)
{
	uint8_t blob[KZT_WORLD_BLOB_MAX];
	size_t len;
	int err;

	make_defaults(m);
	err = make_succeed(m, key);
	if (err)
		return err;
	make_id(m);
	memcpy(m->w.update_key, key->pub, sizeof(m->w.update_key));
	err = kzt_world_sign(&m->w, key);
	if (!err)
		err = kzt_world_serialize(&m->w, false, blob, sizeof(blob), &len);
	if (!err)
		err = kzt_file_write(m->out, blob, len, 0644, true);
	return err ? kzt_fail("%s: %s", m->out, strerror(-err)) : KZT_OK;
}

int kzt_world_make(int argc, char **argv)
{
	struct make m = { .w.type = TYPE_PLANET };
	struct kzt_world_key key;
	char *own = NULL;
	json_t *o;
	int i, err = KZT_OK;

	if (argc < 2)
		return kzt_usage("world make needs a file to write to");
	m.out = argv[1];
	if (is_moon(argc, argv))
		m.w.type = TYPE_MOON;
	for (i = 2; i < argc && !err; i++)
		err = make_arg(&m, argc, argv, &i);
	if (err)
		return err;
	if (!m.w.n_roots)
		return kzt_usage("world make needs a root: root FILE=IP/PORT");
	if (!m.key && asprintf(&own, "%s.key", m.out) < 0)
		return kzt_fail("no memory");
	err = key_load(m.key ? m.key : own, &key);
	free(own);
	if (!err)
		err = make_sign(&m, &key);
	explicit_bzero(&key, sizeof(key));
	if (err)
		return err;
	o = kzt_world_json(&m.w);
	if (kzt_json)
		return kzt_print_json(json_pack("{s:o}", "world", o));
	kzt_world_print(o);
	json_decref(o);
	return KZT_OK;
}
