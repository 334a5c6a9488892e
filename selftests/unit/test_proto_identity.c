// SPDX-License-Identifier: GPL-2.0
/*
 * Identities (spec 2, 2.7 to 2.9).  What only the memory-hard hash or the secret
 * can tell belongs to the agent and is skipped here.
 */
#include "test_proto.h"

#include "identity.h"

static int from_text(const char *text, size_t len, struct kzt_identity *id,
		     u8 *secret, bool *has_secret)
{
	struct bytes b = bytes_dup((const u8 *)text, len);
	const char *why = NULL;
	int ret;

	ret = kzt_identity_from_text((const char *)b.p, b.len, id, secret,
				     has_secret, &why);
	if (ret && !why)
		abort();
	bytes_free(&b);
	return ret;
}

static bool check_text(const struct vec_file *f, const char *key,
		       const struct kzt_identity *want, const u8 *want_secret)
{
	const char *text = vec_str(f, key);
	char out[KZT_IDENTITY_TEXT_BUF];
	struct kzt_identity id;
	bool has_secret;
	u8 secret[64];

	if (from_text(text, strlen(text), &id, secret, &has_secret))
		return false;
	return has_secret == !!want_secret && kzt_identity_equal(&id, want) &&
	       (!has_secret || !memcmp(secret, want_secret, 64)) &&
	       kzt_identity_to_text(out, &id, has_secret ? secret : NULL) ==
	       (int)strlen(text) && !strcmp(out, text);
}

static bool check_bin(const struct vec_file *f, const char *key,
		      const struct kzt_identity *want, int ret)
{
	struct bytes b = bytes_vec(f, key);
	struct kzt_cur c = kzt_cur(b.p, b.len);
	struct kzt_identity id;
	bool good = kzt_identity_get(&c, &id) == ret && !kzt_cur_left(&c) &&
		    !c.bad && kzt_identity_equal(&id, want);
	size_t len;

	for (len = 0; len < b.len; len++) {
		struct bytes cut = bytes_dup(b.p, len);

		c = kzt_cur(cut.p, cut.len);
		good &= kzt_identity_get(&c, &id) == -EBADMSG && c.bad;
		bytes_free(&cut);
	}
	bytes_free(&b);
	return good;
}

static void test_valid(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "identity-valid.txt");
	unsigned int blocks = 0;

	while (vec_next_block(f)) {
		const char *name = vec_str(f, "case");
		struct kzt_identity want;
		u8 secret[64], pub[71];
		struct kzt_wcur w = kzt_wcur(pub, sizeof(pub));
		struct bytes bin;

		blocks++;
		want.address = strtoull(vec_str(f, "address"), NULL, 16);
		if (!vec_hex_exact(f, "x25519_public", want.pub, 32) ||
		    !vec_hex_exact(f, "ed25519_public", want.pub + 32, 32) ||
		    !vec_hex_exact(f, "x25519_secret", secret, 32) ||
		    !vec_hex_exact(f, "ed25519_seed", secret + 32, 32))
			abort();
		ok(check_text(f, "public_str", &want, NULL), "%s: public text",
		   name);
		ok(check_text(f, "secret_str", &want, secret), "%s: secret text",
		   name);
		ok(check_bin(f, "public_bin", &want, 0), "%s: binary", name);
		ok(check_bin(f, "secret_bin", &want, KZT_IDENTITY_HAD_SECRET),
		   "%s: binary with secret", name);
		kzt_identity_put(&w, &want);
		bin = bytes_vec(f, "public_bin");
		ok(bytes_are(&bin, pub, kzt_wcur_len(&w)) && !w.bad,
		   "%s: written without secret", name);
		bytes_free(&bin);
	}
	ok(blocks == 10, "all 10 blocks of identity-valid.txt");
	vec_close(f);
}

/* Undoes the quotes and escapes of a "text" value; returns the length. */
static size_t unquote(const char *s, char *out)
{
	size_t n = 0;

	if (*s++ != '"')
		abort();
	for (; *s && *s != '"'; s++) {
		if (*s != '\\') {
			out[n++] = *s;
			continue;
		}
		s++;
		out[n++] = *s == 'n' ? '\n' : *s == 'r' ? '\r' : '\t';
	}
	if (*s != '"')
		abort();
	return n;
}

/* Whether reading succeeds; *@same: and yields what the reference reads. */
static bool reads(const struct vec_file *f, bool *same)
{
	const char *as = vec_str(f, "reference_reads_as");
	char text[1024], out[KZT_IDENTITY_TEXT_BUF];
	struct kzt_identity id;
	bool has_secret = false, good;
	u8 secret[64];

	if (vec_str(f, "text")) {
		size_t len = unquote(vec_str(f, "text"), text);

		good = !from_text(text, len, &id, secret, &has_secret);
		if (!as) {	/* too much white space for the reference */
			as = text + strspn(text, " \t\r\n");
			text[len] = '\0';
			text[strcspn(text, " \t\r\n")] = '\0';
		}
		*same = good &&
			kzt_identity_to_text(out, &id,
					     has_secret ? secret : NULL) > 0 &&
			!strcmp(out, as);
	} else {
		struct bytes b = bytes_vec(f, "bin");
		struct kzt_cur c = kzt_cur(b.p, b.len);

		good = kzt_identity_get(&c, &id) >= 0;
		*same = good && (u64)(c.p - b.p) ==
				vec_u64(f, "reference_consumes", 0);
		bytes_free(&b);
	}
	return good;
}

static void test_invalid(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "identity-invalid.txt");
	unsigned int blocks = 0;

	while (vec_next_block(f)) {
		const char *name = vec_str(f, "case");
		bool same, read = reads(f, &same);

		blocks++;
		if (vec_is(f, "required", "accept")) {
			ok(read && same, "accepted: %s", name);
		} else if (vec_is(f, "required", "reject-parse")) {
			ok(!read, "refused: %s", name);
		} else if (vec_is(f, "required", "either")) {
			ok(!read || same, "refused or read likewise: %s", name);
		} else {
			ok(read && same, "readable: %s", name);
			skip("%s needs the hash or the curve (agent): %s",
			     vec_str(f, "required"), name);
		}
	}
	ok(blocks == 62, "all 62 blocks of identity-invalid.txt");
	vec_close(f);
}

/* Texts that the file does not have. */
static void test_more_text(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "identity-valid.txt");
	char text[512], good[KZT_IDENTITY_TEXT_BUF];
	struct kzt_identity id;
	bool has_secret, refused = true;
	u8 secret[64], zero[64] = { 0 };
	size_t i, len;

	if (!vec_next_block(f))
		abort();
	strcpy(good, vec_str(f, "secret_str"));
	len = strlen(good);

	/* A character that is not hex, or not a colon, at every place. */
	for (i = 0; i < len; i++) {
		memcpy(text, good, len);
		text[i] = 'g';
		refused &= from_text(text, len, &id, secret, &has_secret) ==
			   -EINVAL;
		refused &= !has_secret && !memcmp(secret, zero, 64) && !id.address;
		text[i] = '\0';
		refused &= from_text(text, len, &id, secret, &has_secret) ==
			   -EINVAL;
	}
	ok(refused, "one wrong character anywhere, and no secret is left behind");

	refused = true;
	for (i = 0; i < len; i++)
		if (i != KZT_IDENTITY_TEXT_LEN)
			refused &= from_text(good, i, &id, secret, &has_secret) ==
				   -EINVAL;
	ok(refused, "every other length");

	snprintf(text, sizeof(text), " \t\r\n\v\f%s \t\r\n\v\f", good);
	ok(!from_text(text, strlen(text), &id, secret, &has_secret) && has_secret,
	   "white space around it");
	ok(kzt_identity_from_text("x", 1, &id, secret, &has_secret, NULL) ==
	   -EINVAL, "nobody has to ask why");
	vec_close(f);
}

static void test_order(void)
{
	struct kzt_identity a = { .address = 1 }, b = { .address = 1 };

	ok(kzt_identity_equal(&a, &b) && !kzt_identity_cmp(&a, &b), "equal");
	b.pub[63] = 1;
	ok(!kzt_identity_equal(&a, &b) && kzt_identity_cmp(&a, &b) < 0 &&
	   kzt_identity_cmp(&b, &a) > 0, "then by key");
	a.address = 0x8000000000ULL;
	ok(kzt_identity_cmp(&a, &b) > 0 && kzt_identity_cmp(&b, &a) < 0,
	   "first by address");
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_valid(dir);
	test_invalid(dir);
	test_more_text(dir);
	test_order();
	return tap_done();
}
