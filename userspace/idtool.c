// SPDX-License-Identifier: GPL-2.0
/*
 * zerotier-idtool: the other command that users' scripts call, for identities and
 * moons.  The moon's JSON is that of the reference's (spec 2.17); neither module nor
 * agent is needed.
 */
#include "idtool.h"
#include "file.h"
#include "identity.h"
#include "kzt.h"
#include "out.h"
#include "world.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIGNED_MAX (64u << 20)
#define TYPE_PLANET 1
#define TYPE_MOON 127

/* --- identities ------------------------------------------------------------ */

/* In a file, or in words */
static bool load(struct kzt_id *id, const char *word)
{
	const char *why = NULL;
	int err = access(word, F_OK) && strchr(word, ':') ? kzt_id_parse(id, word, &why) :
							    kzt_id_load(id, word, &why);

	if (err)
		kzt_fail("identity argument is not a file, nor an identity: %s",
			 why ? why : strerror(-err));
	return !err;
}

static int print_identity(const struct kzt_id *id, bool secret)
{
	char text[KZT_ID_TEXT_MAX];

	if (kzt_id_text(id, secret, text, sizeof(text)))
		return kzt_fail("the identity cannot be written");
	puts(text);
	explicit_bzero(text, sizeof(text));
	return 0;
}

static int save(const struct kzt_id *id, const char *file, bool secret)
{
	int err = kzt_id_save(id, file, secret, false);

	if (err)
		return kzt_fail("%s: %s", file, err == -EEXIST ?
				"exists already, and is not replaced" : strerror(-err));
	printf("%s written\n", file);
	return 0;
}

/* [SECRET [PUBLIC [VANITY]]]: the digits that the address shall begin with */
static int id_generate(int argc, char **argv)
{
	const char *vanity = argc > 3 ? argv[3] : "";
	struct kzt_id id;
	char text[16];
	int err;

	if (strlen(vanity) > 10 || vanity[strspn(vanity, "0123456789abcdef")])
		return kzt_fail("an address has ten hexadecimal digits, in lower case");
	do {
		err = kzt_id_generate(&id);
		snprintf(text, sizeof(text), KZT_PRIADDR, (unsigned long long)id.address);
	} while (!err && strncmp(text, vanity, strlen(vanity)));
	if (err)
		err = kzt_fail("cannot make an identity: %s", strerror(-err));
	else if (argc < 2)
		err = print_identity(&id, true);
	else
		err = save(&id, argv[1], true);
	if (!err && argc > 2)
		err = save(&id, argv[2], false);
	kzt_id_wipe(&id);
	return err;
}

static int id_validate(int argc, char **argv)
{
	const char *why = NULL;
	struct kzt_id id;
	int err = 0;

	(void)argc;
	if (!load(&id, argv[1]))
		return 1;
	if (kzt_id_validate(&id, &why))
		err = kzt_fail(KZT_PRIADDR " FAILED validation: %s",
			       (unsigned long long)id.address, why ? why : "not valid");
	else
		printf(KZT_PRIADDR " is a valid identity\n", (unsigned long long)id.address);
	kzt_id_wipe(&id);
	return err;
}

static int id_getpublic(int argc, char **argv)
{
	struct kzt_id id;
	int err;

	(void)argc;
	if (!load(&id, argv[1]))
		return 1;
	err = print_identity(&id, false);
	kzt_id_wipe(&id);
	return err;
}

/* What is signed; to be freed */
static void *content(const char *file, size_t *len)
{
	FILE *f = fopen(file, "re");
	void *buf = f ? kzt_file_get(f, SIGNED_MAX, len) : NULL;

	if (!buf)
		kzt_fail("%s: %s", file, strerror(errno));
	if (f)
		fclose(f);
	return buf;
}

static int id_sign(int argc, char **argv)
{
	uint8_t sig[KZT_ID_SIGNATURE_LEN];
	struct kzt_id id;
	unsigned int i;
	size_t len;
	void *msg;
	int err;

	(void)argc;
	if (!load(&id, argv[1]))
		return 1;
	if (!id.has_secret)
		return kzt_fail("the identity has no secret, which signing needs");
	msg = content(argv[2], &len);
	err = !msg || kzt_id_sign(&id, msg, len, sig);
	if (msg && err)
		kzt_fail("cannot sign");
	for (i = 0; !err && i < sizeof(sig); i++)
		printf("%02x", sig[i]);
	if (!err)
		putchar('\n');
	kzt_id_wipe(&id);
	free(msg);
	return err;
}

static int id_verify(int argc, char **argv)
{
	uint8_t sig[KZT_ID_SIGNATURE_LEN];
	size_t len, sig_len;
	struct kzt_id id;
	void *msg;
	int err;

	(void)argc;
	if (!load(&id, argv[1]))
		return 1;
	msg = content(argv[2], &len);
	err = !msg || kzt_text_hex(argv[3], sig, sizeof(sig), &sig_len) ||
	      kzt_id_verify(id.pub, msg, len, sig, sig_len);
	if (!err)
		printf(KZT_PRIADDR " signature valid\n", (unsigned long long)id.address);
	else if (msg)
		kzt_fail(KZT_PRIADDR " signature check FAILED", (unsigned long long)id.address);
	kzt_id_wipe(&id);
	free(msg);
	return err;
}

/* --- moons ------------------------------------------------------------ */

static json_t *hex(const uint8_t *key)
{
	char text[2 * 64 + 1];
	unsigned int i;

	for (i = 0; i < 64; i++)
		sprintf(text + 2 * i, "%02x", key[i]);
	return json_string(text);
}

static int id_initmoon(int argc, char **argv)
{
	char identity[KZT_ID_TEXT_MAX], id_text[16];
	struct kzt_world_key key;
	struct kzt_id id;
	json_t *doc;
	int err;

	(void)argc;
	if (!load(&id, argv[1]))
		return 1;
	err = kzt_id_text(&id, false, identity, sizeof(identity)) || kzt_world_key_make(&key);
	snprintf(id_text, sizeof(id_text), KZT_PRIADDR, (unsigned long long)id.address);
	kzt_id_wipe(&id);
	if (err)
		return kzt_fail("cannot make a key");
	doc = json_pack("{s:s,s:s,s:[{s:s,s:[]}],s:o,s:o,s:o,s:s}", "id", id_text, "objtype",
			"world", "roots", "identity", identity, "stableEndpoints",
			"signingKey", hex(key.pub), "signingKey_SECRET", hex(key.secret),
			"updatesMustBeSignedBy", hex(key.pub), "worldType", "moon");
	explicit_bzero(&key, sizeof(key));
	err = !doc || json_dumpf(doc, stdout, JSON_INDENT(1) | JSON_SORT_KEYS) ||
	      putchar('\n') == EOF;
	json_decref(doc);
	return err;
}

static bool key_of(const json_t *doc, const char *name, uint8_t key[64])
{
	size_t len;

	return !kzt_text_hex(kzt_get_str(doc, name, ""), key, 64, &len) && len == 64;
}

/* NULL, or what is wrong with a root */
static const char *root_of(struct kzt_world_info *w, const json_t *o)
{
	struct kzt_root_info *r = &w->root[w->n_roots];
	const json_t *v;
	const char *why = NULL;
	size_t i, len;

	if (w->n_roots == KZT_WORLD_ROOTS)
		return "more than four roots";
	if (kzt_id_parse(&r->id, kzt_get_str(o, "identity", ""), &why) ||
	    kzt_id_validate(&r->id, &why))
		return why ? why : "the identity of a root is none";
	if (r->id.has_secret)
		return "a root's identity has its secret, which is not for all to see";
	for (i = 0; i < w->n_roots; i++)
		if (w->root[i].id.address == r->id.address)
			return "a root is there twice";
	json_array_foreach(json_object_get(o, "stableEndpoints"), i, v) {
		if (r->n_endpoints == KZT_WORLD_ENDPOINTS)
			return "a root has more than 32 endpoints";
		if (!json_is_string(v) || !kzt_parse_endpoint(json_string_value(v),
							      &r->endpoint[r->n_endpoints], &len))
			return "an endpoint is not IP/PORT";
		r->n_endpoints++;
	}
	if (!r->n_endpoints && w->type == TYPE_PLANET)
		return "a planet's root needs an endpoint";
	w->n_roots++;
	return NULL;
}

static const char *world_of(struct kzt_world_info *w, struct kzt_world_key *key, const json_t *doc)
{
	const char *text = kzt_get_str(doc, "id", ""), *type, *why;
	struct timespec ts;
	const json_t *v;
	size_t i;

	type = kzt_get_str(doc, "worldType", "");
	w->type = !strcmp(type, "planet") ? TYPE_PLANET : TYPE_MOON;
	if (w->type == TYPE_MOON && strcmp(type, "moon"))
		return "worldType is moon or planet";
	if (strlen(text) > 16 || text[strspn(text, "0123456789abcdefABCDEF")])
		return "id is not hexadecimal";
	w->id = strtoull(text, NULL, 16);
	if (!w->id)
		return "there is no id, or it is 0";
	if (!key_of(doc, "signingKey", key->pub) ||
	    !key_of(doc, "signingKey_SECRET", key->secret) || !kzt_world_key_ok(key))
		return "signingKey and signingKey_SECRET are not a pair of keys";
	if (!key_of(doc, "updatesMustBeSignedBy", w->update_key))
		return "updatesMustBeSignedBy is no key";
	json_array_foreach(json_object_get(doc, "roots"), i, v) {
		why = root_of(w, v);
		if (why)
			return why;
	}
	if (!w->n_roots)
		return "there is no root";
	clock_gettime(CLOCK_REALTIME, &ts);
	w->timestamp = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	return NULL;
}

static int id_genmoon(int argc, char **argv)
{
	static struct kzt_world_info w;
	uint8_t blob[KZT_WORLD_BLOB_MAX];
	struct kzt_world_key key;
	const char *why;
	json_error_t bad;
	char file[32];
	json_t *doc;
	size_t len;
	int err;

	(void)argc;
	doc = json_load_file(argv[1], JSON_REJECT_DUPLICATES, &bad);
	if (!doc)
		return kzt_fail("%s:%d: %s", argv[1], bad.line, bad.text);
	why = world_of(&w, &key, doc);
	json_decref(doc);
	err = why ? -EINVAL : kzt_world_sign(&w, &key) ?:
	      kzt_world_serialize(&w, false, blob, sizeof(blob), &len);
	explicit_bzero(&key, sizeof(key));
	snprintf(file, sizeof(file), KZT_PRIX64 ".moon", (unsigned long long)w.id);
	if (!err)
		err = kzt_file_write(file, blob, len, 0644, true);
	if (err)
		return kzt_fail("%s: %s", argv[1], why ? why : strerror(-err));
	printf("wrote %s (signed world with timestamp %llu)\n", file,
	       (unsigned long long)w.timestamp);
	return 0;
}

/* --- words ------------------------------------------------------------ */

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	int words;		/* that have to follow */
	const char *usage;
} commands[] = {
	{ "generate", id_generate, 0, "generate [<identity.secret>] [<identity.public>] [<vanity>]" },
	{ "validate", id_validate, 1, "validate <identity, only public part required>" },
	{ "getpublic", id_getpublic, 1, "getpublic <identity.secret>" },
	{ "sign", id_sign, 2, "sign <identity.secret> <file>" },
	{ "verify", id_verify, 3, "verify <identity.public> <file> <signature>" },
	{ "initmoon", id_initmoon, 1, "initmoon <identity.public of first root>" },
	{ "genmoon", id_genmoon, 1, "genmoon <moon.json>" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int idtool(int argc, char **argv)
{
	size_t k;

	for (k = 0; argc > 1 && k < COMMANDS; k++)
		if (!strcmp(argv[1], commands[k].name) && argc - 2 >= commands[k].words)
			return commands[k].run(argc - 1, argv + 1) || fflush(stdout) ? 1 : 0;
	fputs("Usage: zerotier-idtool <command> [<args>]\n\n", stderr);
	for (k = 0; k < COMMANDS; k++)
		fprintf(stderr, "  %s\n", commands[k].usage);
	return 1;
}
