// SPDX-License-Identifier: GPL-2.0
/* Worlds, signed: planets and moons (spec 2.12 to 2.17). */
#include "world.h"
#include "proto/world.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static int fail(const char **why, int err, const char *text)
{
	if (why)
		*why = text;
	return err;
}

/* --- between the wire's and the system's forms ---------------------------------------- */

static void endpoint_from(struct sockaddr_storage *ss, const struct kzt_inetaddr *a)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (a->family == KZT_AF_INET) {
		in->sin_family = AF_INET;
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->ip, 4);
	} else if (a->family == KZT_AF_INET6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(a->port);
		memcpy(&in6->sin6_addr, a->ip, 16);
	}
}

static void endpoint_to(struct kzt_inetaddr *a, const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *in = (const struct sockaddr_in *)ss;

	memset(a, 0, sizeof(*a));
	if (ss->ss_family == AF_INET) {
		a->family = KZT_AF_INET;
		a->port = ntohs(in->sin_port);
		memcpy(a->ip, &in->sin_addr, 4);
	} else if (ss->ss_family == AF_INET6) {
		a->family = KZT_AF_INET6;
		a->port = ntohs(in6->sin6_port);
		memcpy(a->ip, &in6->sin6_addr, 16);
	}
}

static void world_from(struct kzt_world_info *w, const struct kzt_world *p)
{
	unsigned int i, j;

	memset(w, 0, sizeof(*w));
	w->id = p->id;
	w->timestamp = p->ts;
	w->type = p->type;
	memcpy(w->update_key, p->key, sizeof(w->update_key));
	memcpy(w->signature, p->sig, sizeof(w->signature));
	w->n_roots = p->n_roots;
	for (i = 0; i < p->n_roots; i++) {
		struct kzt_root_info *r = &w->root[i];

		r->id.address = p->root[i].id.address;
		memcpy(r->id.pub, p->root[i].id.pub, sizeof(r->id.pub));
		r->n_endpoints = p->root[i].n_endpoints;
		for (j = 0; j < r->n_endpoints; j++)
			endpoint_from(&r->endpoint[j], &p->root[i].ep[j]);
	}
}

static int world_to(struct kzt_world *p, const struct kzt_world_info *w)
{
	unsigned int i, j;

	if (w->n_roots > KZT_WORLD_MAX_ROOTS)
		return -E2BIG;
	memset(p, 0, sizeof(*p));
	p->id = w->id;
	p->ts = w->timestamp;
	p->type = w->type;
	memcpy(p->key, w->update_key, sizeof(p->key));
	memcpy(p->sig, w->signature, sizeof(p->sig));
	p->n_roots = (u8)w->n_roots;
	for (i = 0; i < w->n_roots; i++) {
		const struct kzt_root_info *r = &w->root[i];

		if (r->n_endpoints > KZT_WORLD_MAX_ENDPOINTS)
			return -E2BIG;
		p->root[i].id.address = r->id.address;
		memcpy(p->root[i].id.pub, r->id.pub, sizeof(r->id.pub));
		p->root[i].n_endpoints = (u8)r->n_endpoints;
		for (j = 0; j < r->n_endpoints; j++)
			endpoint_to(&p->root[i].ep[j], &r->endpoint[j]);
	}
	return 0;
}

/* --- the blob ---------------------------------------------------------------------------- */

int kzt_world_parse_blob(struct kzt_world_info *w, const uint8_t *blob,
			 size_t len, const char **why)
{
	struct kzt_cur c = kzt_cur(blob, len);
	struct kzt_world p;

	if (kzt_world_get(&c, &p) < 0)
		return fail(why, -EINVAL, "it is malformed");
	world_from(w, &p);
	return 0;
}

int kzt_world_serialize(const struct kzt_world_info *w, bool for_sign,
			uint8_t *out, size_t max, size_t *len)
{
	struct kzt_wcur c = kzt_wcur(out, max);
	struct kzt_world p;
	int n = world_to(&p, w);

	if (n)
		return n;
	if (for_sign)
		kzt_world_put_signed(&c, &p);
	else
		kzt_world_put(&c, &p);
	n = kzt_wcur_result(&c);
	if (n < 0)
		return n;
	*len = (size_t)n;
	return 0;
}

/* --- signature and succession (spec 2.13) --------------------------------------------------- */

int kzt_world_verify(const struct kzt_world_info *w, const uint8_t key[64])
{
	uint8_t buf[KZT_WORLD_SIGNED_MAX];
	size_t len;
	int err = kzt_world_serialize(w, true, buf, sizeof(buf), &len);

	return err ? err : kzt_id_verify(key, buf, len, w->signature,
					 sizeof(w->signature));
}

int kzt_world_replaces(const struct kzt_world_info *now,
		       const struct kzt_world_info *next, const char **why)
{
	struct kzt_world p_now, p_next;

	if (world_to(&p_now, now) || world_to(&p_next, next))
		return fail(why, -EINVAL, "it is malformed");
	switch (kzt_world_succession(&p_now, &p_next)) {
	case KZT_WORLD_TAKE:
		return 0;
	case KZT_WORLD_VERIFY:
		if (kzt_world_verify(next, now->update_key))
			return fail(why, -EPERM,
				    "it is not signed by the key that the one in force names");
		return 0;
	default:
		if (now->type != next->type || now->id != next->id)
			return fail(why, -EPERM, "it is another world than the one in force");
		return fail(why, -EPERM, "it is not newer than the one in force");
	}
}

static int key_public(const struct kzt_world_key *key, uint8_t pub[64])
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES];
	int err;

	err = sodium_init() < 0 || crypto_scalarmult_base(pub, key->secret) ||
	      crypto_sign_seed_keypair(pub + 32, sk, key->secret + 32) ? -EINVAL : 0;
	explicit_bzero(sk, sizeof(sk));
	return err;
}

int kzt_world_key_make(struct kzt_world_key *key)
{
	if (getrandom(key->secret, sizeof(key->secret), 0) != sizeof(key->secret))
		return -EIO;
	return key_public(key, key->pub);
}

bool kzt_world_key_ok(const struct kzt_world_key *key)
{
	uint8_t pub[64];

	return !key_public(key, pub) && !memcmp(pub, key->pub, sizeof(pub));
}

int kzt_world_sign(struct kzt_world_info *w, const struct kzt_world_key *key)
{
	uint8_t buf[KZT_WORLD_SIGNED_MAX];
	struct kzt_id signer = { .has_secret = true };
	size_t len;
	int err;

	memcpy(signer.pub, key->pub, sizeof(signer.pub));
	memcpy(signer.secret, key->secret, sizeof(signer.secret));
	err = kzt_world_serialize(w, true, buf, sizeof(buf), &len);
	if (!err)
		err = kzt_id_sign(&signer, buf, len, w->signature);
	kzt_id_wipe(&signer);
	return err;
}

/* --- files ------------------------------------------------------------------------------------ */

int kzt_world_load(const char *path, uint8_t *blob, size_t max, size_t *len,
		   const char **why)
{
	ssize_t n = 0;
	size_t got;
	int fd;

	if (why)
		*why = NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	for (got = 0; got < max; got += (size_t)n) {
		n = read(fd, blob + got, max - got);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			break;
	}
	if (n < 0)
		n = -errno;
	else if (got == max && read(fd, &(uint8_t){ 0 }, 1) == 1)
		n = fail(why, -EFBIG, "too long for a world");
	close(fd);
	if (n < 0)
		return (int)n;
	*len = got;
	return 0;
}
