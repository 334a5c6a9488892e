// SPDX-License-Identifier: GPL-2.0
/*
 * Worlds (spec 2, 2.12 and 2.13).  Signatures are for the agent.
 */
#include <arpa/inet.h>

#include "test_proto.h"

#include "world.h"

static bool get_endpoint(const char *text, struct kzt_inetaddr *a)
{
	char ip[64];
	unsigned int port;

	memset(a, 0, sizeof(*a));
	if (sscanf(text, "%63[^/]/%u", ip, &port) != 2)
		return false;
	a->port = (u16)port;
	a->family = strchr(ip, ':') ? KZT_AF_INET6 : KZT_AF_INET;
	return inet_pton(a->family == KZT_AF_INET6 ? AF_INET6 : AF_INET, ip,
			 a->ip) == 1;
}

/* "identity endpoint endpoint ..." */
static bool get_root_line(const char *line, struct kzt_world_root *r)
{
	char *copy = strdup(line), *word, *rest = copy;
	bool has_secret, good;
	u8 secret[64];

	word = strsep(&rest, " ");
	good = !kzt_identity_from_text(word, strlen(word), &r->id, secret,
				       &has_secret, NULL);
	r->n_endpoints = 0;
	while (good && (word = strsep(&rest, " ")))
		if (*word)
			good = get_endpoint(word, &r->ep[r->n_endpoints++]);
	free(copy);
	return good;
}

/* The world as the fields of a block describe it. */
static void from_fields(const struct vec_file *f, struct kzt_world *w)
{
	char key[16];

	memset(w, 0, sizeof(*w));
	w->type = (u8)vec_u64(f, "type", 0);
	w->id = strtoull(vec_str(f, "id"), NULL, 16);
	w->ts = vec_u64(f, "timestamp", 0);
	if (!vec_hex_exact(f, "update_key", w->key, 64) ||
	    !vec_hex_exact(f, "signature", w->sig, 96))
		abort();
	for (;; w->n_roots++) {
		snprintf(key, sizeof(key), "root_%u", w->n_roots);
		if (!vec_str(f, key))
			return;
		if (!get_root_line(vec_str(f, key), &w->root[w->n_roots]))
			abort();
	}
}

static bool roots_equal(const struct kzt_world_root *a,
			const struct kzt_world_root *b)
{
	unsigned int i;

	if (!kzt_identity_equal(&a->id, &b->id) ||
	    a->n_endpoints != b->n_endpoints)
		return false;
	for (i = 0; i < a->n_endpoints; i++)
		if (!kzt_inetaddr_equal(&a->ep[i], &b->ep[i]))
			return false;
	return true;
}

static bool worlds_equal(const struct kzt_world *a, const struct kzt_world *b)
{
	unsigned int i;

	if (a->type != b->type || a->id != b->id || a->ts != b->ts ||
	    memcmp(a->key, b->key, 64) || memcmp(a->sig, b->sig, 96) ||
	    a->n_roots != b->n_roots)
		return false;
	for (i = 0; i < a->n_roots; i++)
		if (!roots_equal(&a->root[i], &b->root[i]))
			return false;
	return true;
}

static int parse(const u8 *p, size_t len, struct kzt_world *w, size_t *left)
{
	struct bytes b = bytes_dup(p, len);
	struct kzt_cur c = kzt_cur(b.p, b.len);
	int ret = kzt_world_get(&c, w);

	if (!!ret != c.bad)
		abort();
	*left = kzt_cur_left(&c);
	bytes_free(&b);
	return ret;
}

static bool puts_as(const struct kzt_world *w, const struct bytes *want,
		    void (*put)(struct kzt_wcur *, const struct kzt_world *),
		    size_t max)
{
	static u8 buf[KZT_WORLD_MAX_LEN];
	struct kzt_wcur out = kzt_wcur(buf, max);
	bool good;

	put(&out, w);
	good = !out.bad && bytes_are(want, buf, kzt_wcur_len(&out));
	out = kzt_wcur(buf, want->len - 1);
	put(&out, w);
	return good && out.bad;
}

static void check_world(const struct vec_file *f)
{
	const char *name = vec_str(f, "case");
	struct bytes raw = bytes_vec(f, "world");
	struct bytes covered = bytes_vec(f, "signed_bytes");
	struct kzt_world want, got;
	bool cut = true;
	size_t left, len;

	from_fields(f, &want);
	ok(!parse(raw.p, raw.len, &got, &left) && !left &&
	   worlds_equal(&want, &got), "%s: parsed", name);
	ok(puts_as(&want, &raw, kzt_world_put, KZT_WORLD_MAX_LEN),
	   "%s: written", name);
	ok(puts_as(&want, &covered, kzt_world_put_signed, KZT_WORLD_SIGNED_MAX),
	   "%s: signed bytes", name);
	for (len = 0; len < raw.len; len++)
		cut &= parse(raw.p, len, &got, &left) == -EBADMSG;
	ok(cut, "%s: refused if cut off anywhere", name);
	bytes_free(&raw);
	bytes_free(&covered);
}

static void test_vectors(const char *dir, const char *name, unsigned int n)
{
	struct vec_file *f = vectors_open(dir, name);
	unsigned int worlds = 0, others = 0;

	while (vec_next_block(f)) {
		if (vec_str(f, "world")) {
			check_world(f);
			worlds++;
		} else if (vec_str(f, "public")) {
			others++;	/* a world key */
		}
	}
	ok(worlds == n, "all %u worlds of %s", n, name);
	ok(others == (n == 5 ? 0 : 6), "and nothing else but %u keys", others);
	vec_close(f);
}

static struct bytes sample(const char *dir, const char *name)
{
	struct vec_file *f = vectors_open(dir, "world-make.txt");
	struct bytes b = { 0 };

	while (!b.p && vec_next_block(f))
		if (vec_str(f, "case") && !strcmp(vec_str(f, "case"), name))
			b = bytes_vec(f, "world");
	vec_close(f);
	if (!b.p)
		abort();
	return b;
}

/* --- where roots may be reached ---------------------------------------------------- */

static void world_named(const char *dir, const char *name, struct kzt_world *w)
{
	struct bytes b = sample(dir, name);
	size_t left;

	if (parse(b.p, b.len, w, &left))
		abort();
	bytes_free(&b);
}

/* "endpoint of ID IP/PORT", with two worlds in force */
static bool reach_as_vector(const char *dir, const struct vec_file *f,
			    const struct kzt_world *planet,
			    const struct kzt_world *moon)
{
	enum kzt_world_reach p, m;
	struct kzt_inetaddr at;
	char id[16], text[80];
	bool forbidden;

	if (sscanf(vec_str(f, "case"), "endpoint of %15s %79s", id, text) != 2 ||
	    !get_endpoint(text, &at))
		abort();
	p = kzt_world_reach(planet, vectors_address(dir, id), &at);
	m = kzt_world_reach(moon, vectors_address(dir, id), &at);
	forbidden = (p == KZT_WORLD_FORBIDS || m == KZT_WORLD_FORBIDS) &&
		    p != KZT_WORLD_ALLOWS && m != KZT_WORLD_ALLOWS;
	return forbidden == vec_is(f, "prohibited", "1");
}

/* The planet is P1 at first; from the root without endpoints on it is P3 */
static void test_reach(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "world-accept.txt");
	struct kzt_world *planet = malloc(sizeof(*planet));
	struct kzt_world *moon = malloc(sizeof(*moon));
	unsigned int n = 0;

	if (!planet || !moon)
		abort();
	world_named(dir, "planet P1, self-signed", planet);
	world_named(dir, "moon M1, self-signed", moon);
	while (vec_next_block(f)) {
		if (!vec_str(f, "prohibited"))
			continue;
		if (!strncmp(vec_str(f, "case"), "endpoint of id3 ", 16))
			world_named(dir, "planet P3, update of P2, root without endpoints",
				    planet);
		ok(reach_as_vector(dir, f, planet, moon), "%s: %s",
		   vec_str(f, "case"),
		   vec_is(f, "prohibited", "1") ? "forbidden" : "allowed");
		n++;
	}
	ok(n == 10, "10 endpoints of world-accept.txt");
	vec_close(f);
	free(planet);
	free(moon);
}

#define N_ROOTS_OFF	177
#define ROOT_EP_OFF	(178 + 71)	/* of root 0 */

static void test_limits(const char *dir)
{
	struct bytes b = sample(dir, "planet P1, self-signed");
	struct kzt_world w;
	size_t left;

	b.p[N_ROOTS_OFF] = 5;
	ok(parse(b.p, b.len, &w, &left), "5 roots");
	b.p[N_ROOTS_OFF] = 2;
	b.p[ROOT_EP_OFF] = 33;
	ok(parse(b.p, b.len, &w, &left), "33 endpoints");
	b.p[ROOT_EP_OFF] = 2;
	b.p[ROOT_EP_OFF + 1] = 5;
	ok(parse(b.p, b.len, &w, &left), "endpoint of type 5");
	b.p[ROOT_EP_OFF + 1] = 4;
	b.p[178 + 5] = 1;
	ok(parse(b.p, b.len, &w, &left), "identity of type 1");
	b.p[178 + 5] = 0;
	b.p[0] = 2;
	ok(parse(b.p, b.len, &w, &left), "world of type 2");
	b.p[0] = 0;
	ok(!parse(b.p, b.len, &w, &left) && kzt_world_is_null(&w),
	   "a null world can be read");
	b.p[0] = 1;
	memset(b.p + 1, 0, 8);
	ok(!parse(b.p, b.len, &w, &left) && kzt_world_is_null(&w),
	   "one of ID 0 counts as null");
	bytes_free(&b);
}

/* A planet of @roots roots with @endpoints null endpoints each. */
static bool readable(unsigned int roots, unsigned int endpoints)
{
	struct kzt_identity id = { .address = 1 };
	static u8 buf[8192];
	struct kzt_wcur out = kzt_wcur(buf, sizeof(buf));
	struct kzt_world w;
	unsigned int i;
	size_t left;

	kzt_put_u8(&out, KZT_WORLD_PLANET);
	kzt_put_fill(&out, 1, 16 + 64 + 96);
	kzt_put_u8(&out, (u8)roots);
	for (i = 0; i < roots; i++) {
		kzt_identity_put(&out, &id);
		kzt_put_u8(&out, (u8)endpoints);
		kzt_put_fill(&out, 0, endpoints);
	}
	if (out.bad)
		abort();
	return !parse(buf, kzt_wcur_len(&out), &w, &left) && !left &&
	       w.n_roots == roots;
}

static void test_counts(void)
{
	ok(readable(4, 32) && readable(4, 0) && readable(0, 0),
	   "up to 4 roots and 32 endpoints are read");
	ok(!readable(5, 0), "5 roots are refused though all are there");
	ok(!readable(1, 33), "so are 33 endpoints");
}

/* @raw with the bytes of @hex put at @at. */
static struct bytes with(const struct bytes *raw, size_t at, const char *hex)
{
	struct bytes ins = bytes_hex(hex), out;
	u8 buf[4096];

	memcpy(buf, raw->p, at);
	memcpy(buf + at, ins.p, ins.len);
	memcpy(buf + at + ins.len, raw->p + at, raw->len - at);
	out = bytes_dup(buf, raw->len + ins.len);
	bytes_free(&ins);
	return out;
}

static void test_canonical(const char *dir)
{
	struct bytes b = sample(dir, "planet P3, update of P2, root without endpoints");
	static u8 buf[KZT_WORLD_MAX_LEN];
	struct kzt_wcur out = kzt_wcur(buf, sizeof(buf));
	struct bytes odd;
	struct kzt_world w;
	size_t left;

	/* Endpoints of types 0, 3 and 1 instead of none. */
	b.p[b.len - 1] = 3;
	odd = with(&b, b.len, "000300020102" "01010203040506");
	ok(!parse(odd.p, odd.len, &w, &left) && !left &&
	   w.root[0].n_endpoints == 3, "endpoints of odd types are read");
	kzt_world_put(&out, &w);
	ok(kzt_wcur_len(&out) == b.len + 3 && !memcmp(buf, b.p, b.len) &&
	   !buf[b.len] && !buf[b.len + 1] && !buf[b.len + 2],
	   "and written as null");
	ok(parse(odd.p, odd.len - 1, &w, &left),
	   "one that runs past the end is refused");
	bytes_free(&odd);

	/* The root with its secret. */
	b.p[b.len - 1] = 0;
	b.p[b.len - 2] = 64;
	odd = with(&b, b.len - 1,
		   "00000000000000000000000000000000000000000000000000000000000000ff"
		   "000000000000000000000000000000000000000000000000000000000000ff00");
	out = kzt_wcur(buf, sizeof(buf));
	ok(!parse(odd.p, odd.len, &w, &left) && !left, "a secret is read over");
	kzt_world_put(&out, &w);
	b.p[b.len - 2] = 0;
	ok(bytes_are(&b, buf, kzt_wcur_len(&out)), "and not written");
	bytes_free(&odd);
	bytes_free(&b);
}

static void test_attachment(const char *dir)
{
	struct bytes b = sample(dir, "moon M1b, update of M1"), odd;
	static u8 buf[KZT_WORLD_MAX_LEN];
	struct kzt_wcur out = kzt_wcur(buf, sizeof(buf));
	struct kzt_world w;
	size_t left;

	ok(parse(b.p, b.len - 2, &w, &left), "a moon needs the length");
	b.p[b.len - 1] = 3;
	ok(parse(b.p, b.len, &w, &left), "an attachment must be there");
	odd = with(&b, b.len, "010203ee");
	ok(!parse(odd.p, odd.len, &w, &left) && left == 1,
	   "and is read over, but not what follows");
	kzt_world_put(&out, &w);
	b.p[b.len - 1] = 0;
	ok(bytes_are(&b, buf, kzt_wcur_len(&out)), "and not written");
	bytes_free(&odd);
	bytes_free(&b);
}

static void test_succession(const char *dir)
{
	struct bytes b1 = sample(dir, "planet P1, self-signed");
	struct bytes b2 = sample(dir, "planet P2, update of P1, hands over to key B");
	struct bytes b3 = sample(dir, "moon M1, self-signed");
	static struct kzt_world p1, p2, m1, null;
	size_t left;

	if (parse(b1.p, b1.len, &p1, &left) || parse(b2.p, b2.len, &p2, &left) ||
	    parse(b3.p, b3.len, &m1, &left))
		abort();
	ok(kzt_world_succession(&p1, &p2) == KZT_WORLD_VERIFY, "a later revision");
	ok(kzt_world_succession(&p2, &p1) == KZT_WORLD_REFUSE, "an earlier one");
	ok(kzt_world_succession(&p1, &p1) == KZT_WORLD_REFUSE, "the same one");
	ok(kzt_world_succession(&p1, &m1) == KZT_WORLD_REFUSE, "another type");
	ok(kzt_world_succession(&null, &m1) == KZT_WORLD_TAKE, "none to replace");
	p2.id++;
	ok(kzt_world_succession(&p1, &p2) == KZT_WORLD_REFUSE, "another ID");
	p2.id--;
	p2.ts = U64_MAX;
	ok(kzt_world_succession(&p1, &p2) == KZT_WORLD_VERIFY &&
	   kzt_world_succession(&p2, &p1) == KZT_WORLD_REFUSE,
	   "timestamps are unsigned");
	bytes_free(&b1);
	bytes_free(&b2);
	bytes_free(&b3);
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	test_vectors(dir, "world-make.txt", 11);
	test_vectors(dir, "world-default.txt", 5);
	test_limits(dir);
	test_counts();
	test_canonical(dir);
	test_attachment(dir);
	test_reach(dir);
	test_succession(dir);
	return tap_done();
}
