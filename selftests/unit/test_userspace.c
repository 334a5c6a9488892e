// SPDX-License-Identifier: GPL-2.0
/*
 * Identities and worlds of the tools (spec 2): userspace/identity.c, world.c.
 *
 * usage: test_userspace [VECTORS-DIRECTORY]
 */
#include "test_proto.h"

#include "../../userspace/peer_file.h"
#include "../../userspace/world.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

static char tmp_path[] = "/tmp/kzt-unit-XXXXXX";

static const char *in_tmp(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", tmp_path, name);
	return path;
}

static void write_file(const char *path, const void *p, size_t len)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(p, 1, len, f) != len || fclose(f))
		abort();
}

/* --- identities --------------------------------------------------------------- */

static void test_hash(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "identity-hash.txt");
	unsigned int blocks = 0;

	while (vec_next_block(f)) {
		struct kzt_id id = { 0 };
		u8 addr[5];
		bool want;

		blocks++;
		if (!vec_hex_exact(f, "public_key", id.pub, 64) ||
		    !vec_hex_exact(f, "address_bytes", addr, 5))
			abort();
		id.address = kzt_get_addr(addr);
		want = vec_u64(f, "first_byte_below_17", 2) == 1 &&
		       kzt_addr_valid(id.address);
		ok(!kzt_id_validate(&id, NULL) == want, "hash: %s is %s",
		   vec_str(f, "case"), want ? "valid" : "not valid");
		id.address ^= 1;
		ok(kzt_id_validate(&id, NULL) == -EINVAL,
		   "hash: %s, another address", vec_str(f, "case"));
	}
	ok(blocks >= 3, "%u blocks of identity-hash.txt", blocks);
	vec_close(f);
}

/* Is endpoint @i of the file what the vector has as IP/PORT? */
static bool endpoint_is(const struct vec_file *f, const struct peer_file *p, unsigned int i)
{
	char key[16], ip[INET6_ADDRSTRLEN], text[64];

	snprintf(key, sizeof(key), "path_%u", i);
	if (i == p->n)
		return !vec_str(f, key);
	inet_ntop(p->at[i].family == KZT_AF_INET ? AF_INET : AF_INET6, p->at[i].ip, ip,
		  sizeof(ip));
	snprintf(text, sizeof(text), "%s/%u", ip, p->at[i].port);
	return vec_is(f, key, text);
}

static void test_peer_file(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "identity-peerfile.txt");
	unsigned int blocks = 0, i;

	while (vec_next_block(f)) {
		const char *name = vec_str(f, "case"), *why;
		u8 blob[256], cut[256];
		struct peer_file p;
		char text[64];
		size_t len;

		blocks++;
		if (!vec_hex(f, "file", blob, sizeof(blob), &len))
			abort();
		ok(!peer_file_parse(&p, blob, len, &why) && !kzt_id_validate(&p.id, NULL),
		   "%s: the file is good", name);
		snprintf(text, sizeof(text), "peers.d/%010llx.peer",
			 (unsigned long long)p.id.address);
		ok(vec_is(f, "file_name", text), "%s: of the peer that its name says", name);
		snprintf(text, sizeof(text), "%u.%u.%u", p.major, p.minor, p.revision);
		ok(vec_u64(f, "protocol", 0) == p.proto &&
		   (vec_str(f, "version") ? vec_is(f, "version", text) : !strcmp(text, "0.0.0")),
		   "%s: protocol %u, version %s", name, p.proto, text);
		for (i = 0; i < p.n && endpoint_is(f, &p, i); i++)
			;
		ok(i == p.n && endpoint_is(f, &p, i), "%s: its %u paths", name, p.n);
		for (i = 0; i < len; i++) {
			memcpy(cut, blob, i);
			if (!peer_file_parse(&p, cut, i, &why))
				break;
		}
		ok(i == len, "%s: cut off anywhere it is refused", name);
		blob[0] = 3;
		ok(peer_file_parse(&p, blob, len, &why) && strstr(why, "version"),
		   "%s: another version is told", name);
	}
	ok(blocks == 2, "both files of identity-peerfile.txt");
	vec_close(f);
}

static void test_generated(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "identity-generate.txt");
	unsigned int blocks = 0;
	struct kzt_id id, same;
	char text[KZT_ID_TEXT_MAX];

	while (vec_next_block(f)) {
		const char *why = NULL;

		blocks++;
		ok(!kzt_id_parse(&id, vec_str(f, "result"), &why) && id.has_secret &&
		   !kzt_id_validate(&id, &why), "%s: the result is valid",
		   vec_str(f, "case"));
	}
	ok(blocks == 4, "all 4 blocks of identity-generate.txt");
	vec_close(f);

	ok(!kzt_id_generate(&id) && !kzt_id_validate(&id, NULL) && id.has_secret,
	   "a new identity is valid");
	ok(!kzt_id_text(&id, true, text, sizeof(text)) &&
	   !kzt_id_parse(&same, text, NULL) && !memcmp(&id, &same, sizeof(id)),
	   "a new identity reads as it is written");
}

static void test_valid(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "identity-valid.txt");
	unsigned int blocks = 0;

	while (vec_next_block(f)) {
		const char *name = vec_str(f, "case");
		char text[KZT_ID_TEXT_MAX];
		u8 bin[KZT_ID_BINARY_SECRET_LEN], out[KZT_ID_BINARY_SECRET_LEN];
		struct kzt_id id, from;
		size_t len;

		blocks++;
		ok(!kzt_id_parse(&id, vec_str(f, "secret_str"), NULL) &&
		   !kzt_id_validate(&id, NULL), "%s: secret text is valid", name);
		ok(!kzt_id_text(&id, true, text, sizeof(text)) &&
		   !strcmp(text, vec_str(f, "secret_str")), "%s: secret text", name);
		ok(!kzt_id_text(&id, false, text, sizeof(text)) &&
		   !strcmp(text, vec_str(f, "public_str")), "%s: public text", name);
		if (!vec_hex(f, "secret_bin", bin, sizeof(bin), &len))
			abort();
		ok(kzt_id_binary(&id, true, out) == len && !memcmp(bin, out, len),
		   "%s: binary with secret", name);
		ok(!kzt_id_from_binary(&from, bin, len, NULL) &&
		   !memcmp(&id, &from, sizeof(id)), "%s: read from binary", name);
		if (!vec_hex(f, "public_bin", bin, sizeof(bin), &len))
			abort();
		ok(kzt_id_binary(&id, false, out) == len && !memcmp(bin, out, len),
		   "%s: binary", name);
	}
	ok(blocks == 10, "all 10 blocks of identity-valid.txt");
	vec_close(f);
}

static size_t unquote(const char *s, char *out)
{
	size_t n = 0;

	for (s++; *s && *s != '"'; s++) {
		if (*s != '\\') {
			out[n++] = *s;
			continue;
		}
		s++;
		out[n++] = *s == 'n' ? '\n' : *s == 'r' ? '\r' : '\t';
	}
	out[n] = 0;
	return n;
}

static int judge(const struct vec_file *f, const char **why)
{
	char text[1024];
	struct kzt_id id;
	u8 bin[512];
	size_t len;
	int err;

	if (vec_str(f, "text")) {
		len = unquote(vec_str(f, "text"), text);
		write_file(in_tmp("id"), text, len);
		err = kzt_id_load(&id, in_tmp("id"), why);
	} else {
		if (!vec_hex(f, vec_str(f, "binary") ? "binary" : "bin", bin,
			     sizeof(bin), &len))
			return 1;
		err = kzt_id_from_binary(&id, bin, len, why);
	}
	return err ? err : kzt_id_validate(&id, why);
}

static void test_invalid(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "identity-invalid.txt");
	unsigned int blocks = 0, either = 0;

	while (vec_next_block(f)) {
		const char *required = vec_str(f, "required"), *why = NULL;
		int err;

		blocks++;
		if (!strcmp(required, "either")) {
			either++;
			judge(f, &why);	/* must not crash */
			continue;
		}
		err = judge(f, &why);
		if (!strcmp(required, "accept"))
			ok(!err, "%s: accepted", vec_str(f, "case"));
		else
			ok(err < 0 && why, "%s: refused: %s", vec_str(f, "case"),
			   why ? why : "?");
	}
	ok(blocks == 62 && either == 11, "all 62 blocks of identity-invalid.txt (%u)",
	   blocks);
	vec_close(f);
}

static void test_sign(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "identity-sign.txt");
	unsigned int signs = 0, checks = 0;

	while (vec_next_block(f)) {
		const char *name = vec_str(f, "case");
		u8 msg[2048], sig[256], made[96];
		struct kzt_id id = { .has_secret = true };
		size_t len, sig_len;
		bool strict = strstr(name, "strict") || strstr(name, "curve");

		if (!vec_hex(f, "message", msg, sizeof(msg), &len) ||
		    !vec_hex(f, "signature", sig, sizeof(sig), &sig_len))
			abort();
		if (!vec_hex_exact(f, "ed25519_public", id.pub + 32, 32) &&
		    !vec_hex_exact(f, "public", id.pub + 32, 32))
			abort();
		if (vec_hex_exact(f, "ed25519_seed", id.secret + 32, 32)) {
			signs++;
			ok(!kzt_id_sign(&id, msg, len, made) && sig_len == 96 &&
			   !memcmp(made, sig, 96), "%s: the same 96 bytes", name);
		}
		checks++;
		ok(!kzt_id_verify(id.pub, msg, len, sig, sig_len) ==
		   (vec_is(f, "reference_valid", "1") && !strict),
		   "verify: %s", name);
	}
	ok(signs >= 6 && checks == 28, "all blocks of identity-sign.txt (%u, %u)",
	   signs, checks);
	vec_close(f);
}

static void test_files(void)
{
	char path[128];
	struct kzt_id id, back;
	struct stat st;
	const char *why;

	if (kzt_id_generate(&id))
		abort();
	strcpy(path, in_tmp("secret"));
	ok(!kzt_id_save(&id, path, true, false) && !stat(path, &st) &&
	   (st.st_mode & 0777) == 0600 && st.st_size == 270,
	   "a secret is written with mode 0600, without a newline");
	ok(kzt_id_save(&id, path, true, false) == -EEXIST,
	   "a secret is not written over another");
	ok(!kzt_id_load(&back, path, &why) && !memcmp(&id, &back, sizeof(id)),
	   "a secret reads as it was written");
	ok(!kzt_id_save(&id, path, false, true) && !kzt_id_load(&back, path, &why) &&
	   !back.has_secret, "replaced by the public part when asked to");
	ok(kzt_id_load(&back, in_tmp("none"), &why) == -ENOENT, "a missing file");
	ok(kzt_id_load(&back, tmp_path, &why) == -EISDIR, "a directory");
	kzt_id_wipe(&id);
}

/* --- worlds ------------------------------------------------------------------------ */

#define WORLD_MAX 9000

static bool world_of(const struct vec_file *f, const char *key,
		     struct kzt_world_info *w)
{
	static u8 buf[WORLD_MAX];
	size_t len;

	return vec_hex(f, key, buf, sizeof(buf), &len) &&
	       !kzt_world_parse_blob(w, buf, len, NULL);
}

static bool find_key(const char *dir, const char *name, struct kzt_world_key *key)
{
	struct vec_file *f = vectors_open(dir, "world-make.txt");
	char want[32];
	bool found = false;

	snprintf(want, sizeof(want), "key %s", name);
	while (!found && vec_next_block(f))
		found = vec_is(f, "case", want) &&
			vec_hex_exact(f, "public", key->pub, 64) &&
			vec_hex_exact(f, "secret", key->secret, 64);
	vec_close(f);
	return found;
}

static void test_world_make(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "world-make.txt");
	unsigned int worlds = 0, signed_again = 0;

	while (vec_next_block(f)) {
		const char *name = vec_str(f, "case");
		u8 want[WORLD_MAX], out[KZT_WORLD_BLOB_MAX], sig[96];
		struct kzt_world_info w;
		struct kzt_world_key key;
		size_t want_len, len;

		if (!vec_str(f, "world"))
			continue;
		worlds++;
		ok(world_of(f, "world", &w) && w.id == strtoull(vec_str(f, "id"), NULL, 16) &&
		   w.timestamp == vec_u64(f, "timestamp", 0) &&
		   w.type == vec_u64(f, "type", 0), "%s: parsed", name);
		if (!vec_hex(f, "world", want, sizeof(want), &want_len))
			abort();
		ok(!kzt_world_serialize(&w, false, out, sizeof(out), &len) &&
		   len == want_len && !memcmp(out, want, len), "%s: the same bytes", name);
		if (!vec_hex(f, "signed_bytes", want, sizeof(want), &want_len))
			abort();
		ok(!kzt_world_serialize(&w, true, out, sizeof(out), &len) &&
		   len == want_len && !memcmp(out, want, len), "%s: the signed bytes", name);
		if (!vec_str(f, "signer") || !find_key(dir, vec_str(f, "signer"), &key))
			continue;
		signed_again++;
		memcpy(sig, w.signature, sizeof(sig));
		memset(w.signature, 0, sizeof(w.signature));
		ok(!kzt_world_sign(&w, &key) && !memcmp(sig, w.signature, sizeof(sig)),
		   "%s: the same signature", name);
		ok(!kzt_world_verify(&w, key.pub), "%s: verified", name);
		w.timestamp++;
		ok(kzt_world_verify(&w, key.pub), "%s: a changed one is not verified", name);
	}
	ok(worlds == 11 && signed_again == 8, "all worlds of world-make.txt (%u, %u)",
	   worlds, signed_again);
	vec_close(f);
}

static void test_world_keys(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "world-make.txt");
	struct kzt_world_info w = { .id = 1, .timestamp = 1, .type = 1 };
	struct kzt_world_key key, last = { 0 };
	unsigned int n = 0;

	while (vec_next_block(f)) {
		if (!vec_hex_exact(f, "public", key.pub, 64) ||
		    !vec_hex_exact(f, "secret", key.secret, 64))
			continue;
		ok(!kzt_world_sign(&w, &key) && !kzt_world_verify(&w, key.pub) &&
		   kzt_world_verify(&w, last.pub), "%s signs, and no other would do",
		   vec_str(f, "case"));
		last = key;
		n++;
	}
	ok(n == 6, "6 keys of world-make.txt");
	vec_close(f);
}

static void test_world_update(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "world-update.txt");
	static const u8 none[178];
	unsigned int blocks = 0;

	while (vec_next_block(f)) {
		const char *name = vec_str(f, "case");
		struct kzt_world_info now, next;
		bool parses = world_of(f, "update", &next), taken;
		const char *why = NULL;

		blocks++;
		if (strstr(name, "reference ignores it")) {
			ok(!parses, "%s: refused, as the specification advises", name);
			continue;
		}
		if (vec_str(f, "parses"))
			ok(parses == vec_is(f, "parses", "1"), "%s: %s", name,
			   parses ? "parsed" : "malformed");
		if (!world_of(f, "current", &now) &&
		    kzt_world_parse_blob(&now, none, sizeof(none), NULL))
			abort();
		taken = parses && !kzt_world_replaces(&now, &next, &why);
		ok(taken == vec_is(f, "accepted", "1"), "%s: %s", name,
		   taken ? "taken" : why ? why : "refused");
	}
	ok(blocks == 34, "all 34 blocks of world-update.txt");
	vec_close(f);
}

static void test_default(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "world-default.txt");
	struct kzt_world_info ours, w;
	unsigned int older = 0, same = 0;
	const char *why;
	size_t len;
	const u8 *blob = kzt_world_default(&len);
	unsigned int i;

	ok(!kzt_world_parse_blob(&ours, blob, len, &why) &&
	   ours.id == 0x8eac90a && !kzt_world_verify(&ours, ours.update_key),
	   "the built-in planet is signed by its own key");
	for (i = 0; i < ours.n_roots; i++)
		ok(!kzt_id_validate(&ours.root[i].id, &why), "root %010llx is valid",
		   (unsigned long long)ours.root[i].id.address);
	while (vec_next_block(f)) {
		if (!world_of(f, "world", &w))
			abort();
		if (w.timestamp == ours.timestamp)
			same += kzt_world_replaces(&w, &ours, &why) == -EPERM;
		else
			older += !kzt_world_replaces(&w, &ours, &why);
	}
	ok(same == 1 && older >= 4, "it succeeds %u older ones", older);
	vec_close(f);
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);
	char cmd[64];

	if (!mkdtemp(tmp_path))
		return 1;
	test_peer_file(dir);
	test_hash(dir);
	test_generated(dir);
	test_valid(dir);
	test_invalid(dir);
	test_sign(dir);
	test_files();
	test_world_make(dir);
	test_world_keys(dir);
	test_world_update(dir);
	test_default(dir);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", tmp_path);
	if (system(cmd))
		diag("%s stays", tmp_path);
	return tap_done();
}
