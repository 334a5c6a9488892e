// SPDX-License-Identifier: GPL-2.0
/*
 * Which worlds the agent takes (spec 2, 2.14): userspace/agent_world.c with files
 * in a directory, over a kernel that only keeps what it is told.
 *
 * usage: test_worlds [VECTORS-DIRECTORY]
 */
#include "test_proto.h"

#include "../../userspace/agent.h"

#include <dirent.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define TYPE_PLANET	1
#define TYPE_MOON	127

static char tmp_path[] = "/tmp/kzt-unit-XXXXXX";
static struct agent agent;

/* --- the kernel -------------------------------------------------------------------- */

struct held {
	u8 blob[KZT_WORLD_BLOB_MAX];
	size_t len;
	struct kzt_world_info w;
};

static struct {
	struct held world[8];
	unsigned int n;
	struct { u64 id, seed; } wanted[8];
	unsigned int n_wanted;
} kernel;

static void kernel_forget(u64 id, bool planet)
{
	unsigned int i;

	for (i = 0; i < kernel.n; i++)
		if (planet ? kernel.world[i].w.type == TYPE_PLANET :
			     kernel.world[i].w.id == id)
			kernel.world[i--] = kernel.world[--kernel.n];
	for (i = 0; i < kernel.n_wanted; i++)
		if (kernel.wanted[i].id == id)
			kernel.wanted[i--] = kernel.wanted[--kernel.n_wanted];
}

static int kernel_set(const struct nlattr **tb)
{
	const struct nlattr *blob = tb[KZT_A_WORLD_BLOB];
	struct held h = { 0 };

	if (tb[KZT_A_WORLD_SEED]) {
		kernel.wanted[kernel.n_wanted].id = kzt_attr_uint(tb[KZT_A_WORLD_ID], 0);
		kernel.wanted[kernel.n_wanted++].seed =
			kzt_attr_uint(tb[KZT_A_WORLD_SEED], 0);
		return 0;
	}
	h.len = mnl_attr_get_payload_len(blob);
	memcpy(h.blob, mnl_attr_get_payload(blob), h.len);
	if (kzt_world_parse_blob(&h.w, h.blob, h.len, NULL))
		return -EINVAL;
	kernel_forget(h.w.id, h.w.type == TYPE_PLANET);
	kernel.world[kernel.n++] = h;
	return 0;
}

int __wrap_kzt_nl_talk(struct kzt_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		       void *data);
int __wrap_kzt_nl_talk(struct kzt_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		       void *data)
{
	const struct nlattr *tb[KZT_A_WORLD_MAX + 1];

	(void)nl;
	(void)cb;
	(void)data;
	kzt_nl_attrs(nlh, tb, KZT_A_WORLD_MAX);
	switch (kzt_nl_cmd(nlh)) {
	case KZT_CMD_WORLD_SET:
		return kernel_set(tb);
	case KZT_CMD_WORLD_DEL:
		kernel_forget(kzt_attr_uint(tb[KZT_A_WORLD_ID], 0), false);
		return 0;
	}
	abort();
}

int __wrap_kzt_nl_simple(struct kzt_nl *nl, uint8_t cmd, uint16_t flags,
			 mnl_cb_t cb, void *data);
int __wrap_kzt_nl_simple(struct kzt_nl *nl, uint8_t cmd, uint16_t flags,
			 mnl_cb_t cb, void *data)
{
	struct nlmsghdr *nlh;
	unsigned int i;

	(void)flags;
	if (cmd != KZT_CMD_WORLD_GET)
		abort();
	for (i = 0; i < kernel.n; i++) {
		nlh = kzt_nl_begin(nl, cmd, 0);
		mnl_attr_put(nlh, KZT_A_WORLD_BLOB, kernel.world[i].len,
			     kernel.world[i].blob);
		cb(nlh, data);
	}
	for (i = 0; i < kernel.n_wanted; i++) {
		nlh = kzt_nl_begin(nl, cmd, 0);
		mnl_attr_put_u64(nlh, KZT_A_WORLD_ID, kernel.wanted[i].id);
		mnl_attr_put_u64(nlh, KZT_A_WORLD_SEED, kernel.wanted[i].seed);
		cb(nlh, data);
	}
	return 0;
}

/* --- the agent ---------------------------------------------------------------------- */

static void write_state(const char *name, const u8 *p, size_t len)
{
	if (agent_state_write(&agent.state, name, p, len))
		abort();
}

static void forget_all(void)
{
	char cmd[128];

	memset(&kernel, 0, sizeof(kernel));
	snprintf(cmd, sizeof(cmd), "rm -f %s/planet %s/moons.d/*", tmp_path, tmp_path);
	if (system(cmd))
		abort();
}

static bool offer(const struct bytes *b)
{
	unsigned long taken = agent.worlds_taken, refused = agent.worlds_refused;
	static struct kzt_nl nl;
	struct nlmsghdr *nlh = kzt_nl_begin(&nl, KZT_CMD_WORLD_UPDATE_NTF, 0);

	mnl_attr_put(nlh, KZT_A_WORLD_BLOB, b->len, b->p);
	mnl_attr_put_u64(nlh, KZT_A_WORLD_FROM, 1);
	agent_world_update(&agent, nlh);
	if (agent.worlds_taken - taken + agent.worlds_refused - refused != 1)
		abort();
	return agent.worlds_taken > taken;
}

/* --- what the vectors say of the state ---------------------------------------------- */

static bool planet_is(const char *text)
{
	unsigned long long id, ts;
	unsigned int i;

	if (sscanf(text, "id %llx timestamp %llu", &id, &ts) != 2)
		abort();
	for (i = 0; i < kernel.n; i++)
		if (kernel.world[i].w.type == TYPE_PLANET)
			return kernel.world[i].w.id == id &&
			       kernel.world[i].w.timestamp == ts;
	return false;
}

/* "ID@TIMESTAMP ..." */
static bool moons_are(const char *text)
{
	unsigned int i, n = 0, moons = 0;
	unsigned long long id, ts;
	int used;

	for (i = 0; i < kernel.n; i++)
		moons += kernel.world[i].w.type == TYPE_MOON;
	for (; sscanf(text, "%llx@%llu%n", &id, &ts, &used) == 2; text += used, n++) {
		for (i = 0; i < kernel.n; i++)
			if (kernel.world[i].w.type == TYPE_MOON &&
			    kernel.world[i].w.id == id &&
			    kernel.world[i].w.timestamp == ts)
				break;
		if (i == kernel.n)
			return false;
	}
	return n == moons;
}

static int cmp_u64(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* All roots of what is in force but this node, ascending, each once */
static bool upstreams_are(const char *text, u64 self, bool am_root)
{
	u64 root[64];
	unsigned int n = 0, i, k;
	bool found = false;
	char want[640] = "";

	for (i = 0; i < kernel.n; i++)
		for (k = 0; k < kernel.world[i].w.n_roots; k++)
			root[n++] = kernel.world[i].w.root[k].id.address;
	qsort(root, n, sizeof(root[0]), cmp_u64);
	for (i = 0; i < n; i++) {
		found |= root[i] == self;
		if (root[i] != self && (!i || root[i] != root[i - 1]))
			snprintf(want + strlen(want), sizeof(want) - strlen(want),
				 "%s%010llx", *want ? " " : "",
				 (unsigned long long)root[i]);
	}
	return found == am_root && !strcmp(text, want);
}

/* A moon that has come is no longer waited for here: the reference goes on */
static bool wanted_are(const char *text)
{
	unsigned long long id;
	unsigned int i;

	if (!*text)
		return !kernel.n_wanted;
	if (sscanf(text, "%llx", &id) != 1)
		abort();
	for (i = 0; i < kernel.n; i++)
		if (kernel.world[i].w.id == id)
			return !kernel.n_wanted;
	return kernel.n_wanted && kernel.wanted[0].id == id;
}

static bool default_in_force(void)
{
	size_t len;
	const u8 *blob = kzt_world_default(&len);
	unsigned int i;

	for (i = 0; i < kernel.n; i++)
		if (kernel.world[i].len == len && !memcmp(kernel.world[i].blob, blob, len))
			return true;
	return false;
}

/* The built-in planet may go without a file, see agent_world_sync() */
static bool files_are(const char *text)
{
	char path[128], want[64];
	unsigned int n = 0;
	struct dirent *e;
	bool good = true;
	DIR *d;

	snprintf(path, sizeof(path), "%s/planet", tmp_path);
	good &= !access(path, F_OK) || default_in_force();
	snprintf(path, sizeof(path), "%s/moons.d", tmp_path);
	d = opendir(path);
	if (!d)
		abort();
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(want, sizeof(want), "moons.d/%.40s ", e->d_name);
		good &= !!strstr(text, want);
		n++;
	}
	closedir(d);
	return good && n == !!strstr(text, ".moon");
}

static bool planet_file_is(const struct vec_file *f)
{
	const char *text = vec_str(f, "planet_file_after");
	static u8 buf[16384];
	struct bytes want;
	bool good;
	ssize_t n = agent_state_read(&agent.state, "planet", buf, sizeof(buf));

	if (!text)
		return true;
	if (n == -ENOENT)
		return default_in_force();
	want = bytes_vec(f, strcmp(text, "unchanged") ? "planet_file_after" :
							"planet_file");
	good = n >= 0 && bytes_are(&want, buf, (size_t)n);
	bytes_free(&want);
	return good;
}

static void check_state(const struct vec_file *f, u64 self)
{
	const char *name = vec_str(f, "case");

	ok(planet_is(vec_str(f, "planet_after")), "%s: the planet", name);
	ok(moons_are(vec_str(f, "moons_after")) &&
	   wanted_are(vec_str(f, "moons_wanted")), "%s: the moons", name);
	ok(upstreams_are(vec_str(f, "upstreams_after"), self,
			 vec_is(f, "i_am_root", "1")), "%s: the roots", name);
	ok(files_are(vec_str(f, "files_after")) && planet_file_is(f),
	   "%s: the files", name);
}

/* --- the cases ------------------------------------------------------------------------ */

static const char *dir;

static struct bytes world_named(const char *name)
{
	struct vec_file *f = vectors_open(dir, "world-make.txt");
	struct bytes b = { 0 };

	while (!b.p && vec_next_block(f))
		if (vec_str(f, "case") &&
		    !strncmp(vec_str(f, "case"), name, strlen(name)))
			b = bytes_vec(f, "world");
	vec_close(f);
	if (!b.p)
		abort();
	return b;
}

/* Signed by somebody, but not by whom it should be */
static struct bytes broken(const char *name)
{
	struct bytes b = world_named(name);
	struct kzt_world_info w;

	if (kzt_world_parse_blob(&w, b.p, b.len, NULL))
		abort();
	w.signature[0] ^= 1;
	if (kzt_world_serialize(&w, false, b.p, b.len, &b.len))
		abort();
	return b;
}

static void start_with(const struct vec_file *f)
{
	struct bytes b;

	forget_all();
	if (vec_str(f, "planet_file")) {
		b = bytes_vec(f, "planet_file");
		write_state("planet", b.p, b.len);
		bytes_free(&b);
	}
	agent_world_start(&agent);
	check_state(f, vectors_address(dir, vec_str(f, "node")));
}

static bool offer_named(const char *name)
{
	struct bytes b = world_named(name);
	bool taken = offer(&b);

	bytes_free(&b);
	return taken;
}

static void orbit(u64 seed)
{
	char err[AGENT_ERR];
	bool waiting;

	if (agent_moon_orbit(&agent, 0x1e99303ba7, seed, &waiting, err) || !waiting)
		abort();
}

/* What was done in each case stands in its name and the comments of the file */
static bool offered(const char *name)
{
	char err[AGENT_ERR];
	struct bytes b;
	bool taken;

	if (!strcmp(name, "moon offered, never asked for")) {
		forget_all();
		agent_world_start(&agent);
		return offer_named("moon M1,");
	}
	if (!strcmp(name, "moon offered, seed not among its roots")) {
		orbit(vectors_address(dir, "id7"));
		return offer_named("moon M1,");
	}
	if (strstr(name, "broken signature: taken on trust")) {
		orbit(vectors_address(dir, "id5"));
		b = broken("moon M1,");
	} else if (!strcmp(name, "update of it by a wrong key")) {
		b = broken("moon M1b,");
	} else if (!strcmp(name, "update M1b by the right key")) {
		return offer_named("moon M1b,");
	} else if (!strcmp(name, "M1 again: older")) {
		return offer_named("moon M1,");
	} else if (!strncmp(name, "planet P1 offered", 17)) {
		return offer_named("planet P1,");
	} else if (!strcmp(name, "M1b offered after leaving")) {
		if (agent_moon_del(&agent, 0x1e99303ba7, err))
			abort();
		return offer_named("moon M1b,");
	} else {
		abort();
	}
	taken = offer(&b);
	bytes_free(&b);
	return taken;
}

/* The cases that begin with files beside the planet's; the node's identity */
static const char *stored(const char *name)
{
	struct bytes p, m;

	if (!strcmp(name, "after P3")) {
		ok(offer_named("planet P2,") && offer_named("planet P3,"),
		   "P2 and P3 succeed P1");
		return "id10";
	}
	forget_all();
	if (strstr(name, "moon whose signature is broken")) {
		p = world_named("planet P1,");
		m = broken("moon M1,");
		write_state("planet", p.p, p.len);
		bytes_free(&p);
	} else {
		m = world_named("moon M1,");
	}
	write_state(strstr(name, "wrong file name") ?
			"moons.d/0000000000000042.moon" :
			"moons.d/0000001e99303ba7.moon", m.p, m.len);
	bytes_free(&m);
	agent_world_start(&agent);
	return strstr(name, "own identity") ? "id4" : "id10";
}

static void test_accept(void)
{
	struct vec_file *f = vectors_open(dir, "world-accept.txt");
	unsigned int starts = 0, offers = 0, others = 0;

	while (vec_next_block(f)) {
		const char *name = vec_str(f, "case");

		if (vec_str(f, "prohibited"))	/* test_proto_world.c */
			continue;
		if (vec_str(f, "node")) {
			start_with(f);
			starts++;
		} else if (vec_str(f, "accepted")) {
			ok(offered(name) == vec_is(f, "accepted", "1"), "%s", name);
			check_state(f, vectors_address(dir, "id10"));
			offers++;
		} else {
			check_state(f, vectors_address(dir, stored(name)));
			others++;
		}
	}
	ok(starts == 16 && offers == 8 && others == 4,
	   "28 cases of world-accept.txt");
	vec_close(f);
}

int main(int argc, char **argv)
{
	char cmd[64], err[AGENT_ERR];

	dir = vectors_dir(argc, argv);
	if (sodium_init() < 0 || !mkdtemp(tmp_path) ||
	    agent_state_open(&agent.state, tmp_path, err))
		return 1;
	test_accept();
	agent_state_close(&agent.state);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", tmp_path);
	if (system(cmd))
		diag("%s stays", tmp_path);
	return tap_done();
}
