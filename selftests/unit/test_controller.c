// SPDX-License-Identifier: GPL-2.0
/*
 * The controller without its thread: the API's replies as the reference gives
 * them (spec 4.13), and members' configurations (spec 4.12).
 *
 * usage: test_controller [VECTORS-DIRECTORY]
 */
#include "test_proto.h"

#include "../../userspace/controller.h"
#include "../../userspace/lax.h"

#include <sys/eventfd.h>
#include <unistd.h>

#define NWID(c) ((c)->id.address << 24 | 0x1a2b3c)

static char tmp_path[] = "/tmp/kzt-unit-XXXXXX";
static char db_path[64];

static void open_controller(struct controller *c, uint64_t address)
{
	memset(c, 0, sizeof(*c));
	pthread_mutex_init(&c->lock, NULL);
	c->packets_last = &c->packets;
	c->done_last = &c->done;
	c->maker = malloc(sizeof(*c->maker));
	c->source.fd = eventfd(0, EFD_NONBLOCK);
	if (kzt_id_generate(&c->id))
		abort();
	if (address)
		c->id.address = address;
	c->db.on_change = controller_on_change;
	c->db.arg = c;
	if (controller_db_open(&c->db, db_path, c->id.address))
		abort();
	c->ready = true;
}

static void close_controller(struct controller *c)
{
	struct controller_packet *p;

	close(c->source.fd);
	controller_db_close(&c->db);
	controller_online_free(&c->online);
	while ((p = c->packets)) {
		c->packets = p->next;
		free(p);
	}
	free(c->maker);
	pthread_mutex_destroy(&c->lock);
	unlink(db_path);
}

static struct controller_call *call(struct controller *c, const char *method,
				    const char *path, const char *body)
{
	struct controller_call *k = calloc(1, sizeof(*k));

	k->method = !strcmp(method, "GET") ? METHOD_GET :
		    !strcmp(method, "DELETE") ? METHOD_DELETE : METHOD_POST;
	k->path = strdup(path);
	k->body = body ? json_loads(body, 0, NULL) : json_object();
	controller_api(c, k);
	return k;
}

/* A call that must do: its reply, to be freed */
static json_t *must(struct controller *c, const char *method, const char *path,
		    const char *body)
{
	struct controller_call *k = call(c, method, path, body);
	json_t *reply = json_incref(k->reply);

	if (k->status != 200)
		diag("%s %s: %d", method, path, k->status);
	controller_call_free(k);
	return reply;
}

/* --- the vectors ------------------------------------------------------------------ */

/* Times and random ids are what they are */
static void blank(json_t *o)
{
	static const char *const times[] = {
		"creationTime", "lastAuthorizedTime", "lastDeauthorizedTime", "clock",
	};
	json_t *v;
	size_t i;

	json_array_foreach(o, i, v)
		blank(v);
	if (json_is_object(o))
		blank(json_object_get(o, "data"));
	for (i = 0; i < 4; i++)
		if (json_integer_value(json_object_get(o, times[i])))
			json_object_set_new(o, times[i], json_integer(1));
}

/* The vectors' created network has a random id: ours takes its place */
static void rename_network(json_t *o, const char *from, const char *to)
{
	json_t *v;
	size_t i;

	json_array_foreach(json_object_get(o, "data"), i, v)
		rename_network(v, from, to);
	if (json_is_string(json_object_get(o, "id")) &&
	    !strcmp(json_string_value(json_object_get(o, "id")), from)) {
		json_object_set_new(o, "id", json_string(to));
		json_object_set_new(o, "nwid", json_string(to));
	}
}

static void one_vector(struct controller *c, const struct vec_file *f, char *random_id)
{
	char method[16], path[128];
	const char *reply = vec_str(f, "reply_json");
	struct controller_call *k;
	json_t *want = NULL;
	bool same;

	if (sscanf(vec_str(f, "request_str"), "%15s %127s", method, path) != 2)
		abort();
	k = call(c, method, path, vec_str(f, "request_json"));
	if (reply && *reply)
		want = json_loads(reply, JSON_DECODE_ANY, NULL);
	if (strchr(path, '_') && k->status == 200)
		snprintf(random_id, 17, "%s",
			 json_string_value(json_object_get(k->reply, "id")));
	/* As the caller sent it, the network's order of ids is not ours */
	rename_network(k->reply, random_id, "4db0d048e930a926");
	blank(want);
	blank(k->reply);
	same = k->status == (int)vec_u64(f, "status_dec", 0) &&
	       (want ? k->reply && json_equal(want, k->reply) : !k->reply);
	ok(same, "%s, line %u", vec_str(f, "case"), vec_block_line(f));
	if (!same) {
		char *text = k->reply ? json_dumps(k->reply, JSON_SORT_KEYS) : NULL;

		diag("status %d, %s", k->status, text ? text : "nothing");
		free(text);
	}
	json_decref(want);
	controller_call_free(k);
}

static void test_vectors(const char *dir)
{
	struct vec_file *f = vectors_open(dir, "net-rest.txt");
	char random_id[17] = "";
	struct controller c;
	unsigned int n = 0;

	open_controller(&c, 0x4db0d048e9);
	while (vec_next_block(f)) {
		const char *what = vec_str(f, "request_str");
		const char *body = vec_str(f, "request_json");

		if (!what || !strstr(what, "/controller") || (body && *body != '{'))
			continue;
		n++;
		/* Two networks in the order of their numbers: one of them is random */
		if (!strcmp(what, "GET /unstable/controller/network")) {
			struct controller_call *k = call(&c, "GET", what + 4, NULL);

			ok(k->status == 200 && json_array_size(json_object_get(k->reply,
			   "data")) == 2, "%s", what);
			controller_call_free(k);
			continue;
		}
		one_vector(&c, f, random_id);
	}
	ok(n == 20, "%u calls of the controller in net-rest.txt", n);
	close_controller(&c);
	vec_close(f);
}

/* --- members ------------------------------------------------------------------------- */

static void ask_holding(struct controller *c, const struct kzt_id *who, uint64_t nwid,
			const char *meta, bool says_held, uint64_t held_ms)
{
	struct controller_request rq = {
		.from = who->address, .packet_id = 7, .nwid = nwid,
		.meta_len = strlen(meta), .says_held = says_held, .held_ms = held_ms,
	};
	struct controller_online *o;

	kzt_id_binary(who, false, rq.identity);
	memcpy(rq.meta, meta, rq.meta_len);
	/* As if the last request were some time ago */
	o = controller_online_find(&c->online, nwid, who->address);
	if (o)
		o->asked_ms -= 2000;
	controller_request(c, &rq);
}

static void ask(struct controller *c, const struct kzt_id *who, uint64_t nwid,
		const char *meta)
{
	ask_holding(c, who, nwid, meta, false, 0);
}

static const char meta[] = "v=0000000000000007\nmajv=1\nminv=e\nrevv=1\npv=c\nrevr=1";

/* The next packet that is waiting, taken out */
static struct controller_packet *next_packet(struct controller *c)
{
	struct controller_packet *p = c->packets;

	if (p) {
		c->packets = p->next;
		if (!c->packets)
			c->packets_last = &c->packets;
	}
	return p;
}

static bool drain(struct controller *c)
{
	struct controller_packet *p = next_packet(c);
	bool any = p;

	for (; p; p = next_packet(c))
		free(p);
	return any;
}

/* Revocations that a member gets with its answer, if it holds that configuration */
static unsigned long told_again(struct controller *c, const struct kzt_id *who,
				bool says_held, uint64_t held_ms)
{
	unsigned long before = c->stats.revocations;

	ask_holding(c, who, NWID(c), meta, says_held, held_ms);
	controller_online_find(&c->online, NWID(c), who->address)->creds_ms -= 2000;
	controller_pay(c);
	return drain(c) ? c->stats.revocations - before : 0;
}

/* Is an error with @code the only thing that was sent? */
static bool said_error(struct controller *c, uint8_t code)
{
	struct controller_packet *p = next_packet(c);
	bool yes = p && p->verb == KZT_VERB_ERROR && p->len == 18 && p->data[9] == code &&
		   p->data[0] == KZT_VERB_NETWORK_CONFIG_REQUEST && !c->packets;

	free(p);
	drain(c);
	return yes;
}

static struct kzt_config conf;

/* Puts all chunks together, checks the signatures, decodes */
static bool got_config(struct controller *c, uint8_t verb)
{
	static u8 dict[KZT_CONFIG_MAX_LEN], scratch[2 * KZT_CONFIG_MAX_LEN];
	struct controller_packet *p = c->packets;
	size_t total = 0, have = 0;
	const char *why = NULL;

	for (; p && p->verb == verb; p = c->packets) {
		size_t skip = verb == KZT_VERB_OK ? 9 : 0;
		struct kzt_config_chunk k;

		if (kzt_config_chunk_parse(p->data + skip, p->len - skip, &k) ||
		    !kzt_chunk_verify(&k, c->id.pub) || k.total > sizeof(dict))
			return false;
		memcpy(dict + k.offset, k.chunk, k.chunk_len);
		have += k.chunk_len;
		total = k.total;
		free(next_packet(c));
	}
	if (!total || have != total)
		return false;
	if (kzt_config_decode(&conf, dict, total, scratch, sizeof(scratch), &why)) {
		diag("decoding: %s", why ? why : "?");
		return false;
	}
	return true;
}

static bool has_address(const char *text)
{
	struct kzt_inetaddr want = {};
	unsigned int bits, i;
	int family = controller_ip(text, want.ip, &bits);

	want.family = family == AF_INET ? KZT_AF_INET : KZT_AF_INET6;
	want.port = (u16)bits;
	for (i = 0; i < conf.n_addrs; i++)
		if (kzt_inetaddr_equal(&want, &conf.addr[i]))
			return true;
	return false;
}

static bool credentials_good(const struct controller *c, const struct kzt_id *who)
{
	bool good = conf.has_com && kzt_com_verify(&conf.com, c->id.pub) &&
		    conf.com.member == who->address && conf.com.n == 7;
	unsigned int i;

	for (i = 0; i < conf.n_tags; i++)
		good = good && kzt_tag_verify(&conf.tag[i], c->id.pub) &&
		       conf.tag[i].issued_to == who->address;
	for (i = 0; i < conf.n_caps; i++)
		good = good && kzt_capability_verify(&conf.cap[i], 0, c->id.pub) &&
		       conf.cap[i].issued_to == who->address;
	for (i = 0; i < conf.n_coos; i++)
		good = good && kzt_coo_verify(&conf.coo[i], c->id.pub);
	return good;
}

static const char demo[] =
	"{\"name\":\"demo\",\"v4AssignMode\":\"zt\",\"v6AssignMode\":\"rfc4193,6plane,zt\","
	"\"routes\":[{\"target\":\"10.7.0.0/16\"},{\"target\":\"fd00::/64\"},"
	"{\"target\":\"0.0.0.0/0\",\"via\":\"10.7.0.1\"}],\"ipAssignmentPools\":["
	"{\"ipRangeStart\":\"10.7.1.0\",\"ipRangeEnd\":\"10.7.1.3\"},"
	"{\"ipRangeStart\":\"fd00::1:0\",\"ipRangeEnd\":\"fd00::ff:ffff:ffff:ffff\"}],"
	"\"tags\":[{\"id\":5,\"default\":9}],\"capabilities\":[{\"id\":3,\"default\":true,"
	"\"rules\":[{\"type\":\"ACTION_ACCEPT\"}]}],\"mtu\":1400,"
	"\"dns\":{\"domain\":\"demo.arpa\",\"servers\":[\"10.7.0.1\"]}}";

static void test_member(void)
{
	struct kzt_id a, b, twin;
	struct controller c;
	char net[64], mem[96];
	uint64_t now;
	json_t *o;

	open_controller(&c, 0);
	if (kzt_id_generate(&a) || kzt_id_generate(&b))
		abort();
	snprintf(net, sizeof(net), "/controller/network/%016llx",
		 (unsigned long long)NWID(&c));
	snprintf(mem, sizeof(mem), "%s/member/%010llx", net, (unsigned long long)a.address);

	ask(&c, &a, NWID(&c), meta);
	ok(said_error(&c, KZT_ERROR_OBJ_NOT_FOUND), "an unknown network is not found");
	json_decref(must(&c, "POST", net, demo));
	ask(&c, &a, NWID(&c), meta);
	ok(said_error(&c, KZT_ERROR_NETWORK_ACCESS_DENIED), "a stranger is denied access");
	controller_request(&c, &(struct controller_request){ .from = a.address,
			   .nwid = NWID(&c) });
	ok(!c.packets, "a second request within a second is not answered");
	o = must(&c, "GET", mem, NULL);
	ok(o && !controller_bool(o, "authorized") && json_object_get(o, "identity"),
	   "but the administrator sees it");
	json_decref(o);

	json_decref(must(&c, "POST", mem, "{\"authorized\":true}"));
	controller_pay(&c);
	ok(got_config(&c, KZT_VERB_NETWORK_CONFIG) && conf.n_caps == 1 && conf.n_tags == 1,
	   "authorised, it is sent a configuration, with capabilities and tags");
	ask(&c, &a, NWID(&c), meta);
	ok(got_config(&c, KZT_VERB_OK) && conf.issued_to == a.address, "and when it asks");
	ok(conf.mtu == 1400 && !strcmp(conf.name, "demo") && conf.n_routes == 3 &&
	   conf.has_dns && !strcmp(conf.dns_domain, "demo.arpa") &&
	   conf.type == KZT_CONFIG_PRIVATE && conf.max_delta == CONTROLLER_DELTA_DEFAULT &&
	   conf.flags == (KZT_CONFIG_BROADCAST | KZT_CONFIG_NDP), "with the network's settings");
	ok(credentials_good(&c, &a) && conf.n_tags == 1 && conf.tag[0].value == 9 &&
	   conf.n_caps == 1 && conf.cap[0].id == 3 && conf.n_coos == 1,
	   "with membership, ownership and what is given by default, signed");
	ok(conf.n_addrs == 4, "with an address of each kind");
	o = must(&c, "GET", mem, NULL);
	ok(json_array_size(json_object_get(o, "ipAssignments")) == 2 &&
	   controller_int(o, "vMinor") == 14, "what it got from pools is remembered");
	json_decref(o);
	drain(&c);

	json_decref(must(&c, "POST", mem, "{\"ipAssignments\":[\"10.7.9.9\",\"192.168.0.1\"],"
			 "\"noAutoAssignIps\":true,\"tags\":[[5,1],[6,2]],\"capabilities\":[]}"));
	controller_pay(&c);
	ok(got_config(&c, KZT_VERB_NETWORK_CONFIG) && conf.n_addrs == 1 &&
	   has_address("10.7.9.9/16"), "an address given by hand, if a route has it");
	ok(conf.n_tags == 2 && conf.tag[0].value == 1 && !conf.n_caps, "tags given by hand");

	twin = a;
	twin.pub[63] ^= 1;
	ask(&c, &twin, NWID(&c), meta);
	ok(said_error(&c, KZT_ERROR_NETWORK_ACCESS_DENIED),
	   "another identity with the same address is denied access");
	ask(&c, &a, NWID(&c), meta);
	drain(&c);
	ask(&c, &b, NWID(&c), meta);
	drain(&c);
	json_decref(must(&c, "POST", mem, "{\"authorized\":false}"));
	controller_pay(&c);
	ok(drain(&c) && c.stats.revocations == 2, "a revocation goes to all that are online");
	ask(&c, &a, NWID(&c), meta);
	ok(said_error(&c, KZT_ERROR_NETWORK_ACCESS_DENIED), "and it is denied access");
	snprintf(mem, sizeof(mem), "%s/member/%010llx", net, (unsigned long long)b.address);
	json_decref(must(&c, "POST", mem, "{\"authorized\":true}"));
	controller_pay(&c);
	drain(&c);
	now = controller_clock_ms();
	ok(told_again(&c, &b, false, 0) == 0 && told_again(&c, &b, true, now + 70000) == 0,
	   "once, to who has a later configuration or does not say");
	ok(told_again(&c, &b, true, now - 1000) == 1 && told_again(&c, &b, true, now) == 1,
	   "again, to who has an older one: it may have been away");
	ok(told_again(&c, &b, true, 0) == 1, "or has none any more");

	json_decref(must(&c, "POST", net, "{\"authTokens\":{\"s3cret\":0}}"));
	ask(&c, &a, NWID(&c), "v=7\nrevr=1\na=token:s3cret");
	ok(got_config(&c, KZT_VERB_OK), "a token authorises");
	json_decref(must(&c, "POST", net, "{\"private\":false}"));
	drain(&c);
	ask(&c, &b, NWID(&c), "v=7");
	ok(got_config(&c, KZT_VERB_OK) && conf.type == KZT_CONFIG_PUBLIC && !conf.n_caps &&
	   !conf.n_tags && conf.n_rules == 1, "a public network takes all, old ones without rules");
	close_controller(&c);
}

/* Objects that are deleted while members are there */
static void test_deleted(void)
{
	struct controller_call *k;
	struct controller c;
	char net[64], mem[96];
	struct kzt_id a, b;
	unsigned long before;
	unsigned int i;

	open_controller(&c, 0);
	if (kzt_id_generate(&a) || kzt_id_generate(&b))
		abort();
	snprintf(net, sizeof(net), "/controller/network/%016llx",
		 (unsigned long long)NWID(&c));
	snprintf(mem, sizeof(mem), "%s/member/%010llx", net, (unsigned long long)b.address);
	json_decref(must(&c, "POST", net, "{\"private\":false}"));
	json_decref(must(&c, "POST", mem, "{\"activeBridge\":true}"));
	ask(&c, &b, NWID(&c), meta);
	drain(&c);
	ask(&c, &a, NWID(&c), meta);
	ok(got_config(&c, KZT_VERB_OK) && conf.n_specialists == 1 &&
	   conf.specialist[0] == (b.address | KZT_SPECIALIST_BRIDGE), "a member is told of a bridge");
	json_decref(must(&c, "DELETE", mem, NULL));
	controller_pay(&c);
	ok(got_config(&c, KZT_VERB_NETWORK_CONFIG) && conf.issued_to == a.address &&
	   !conf.n_specialists, "and, when its object is deleted, that it is none");
	ok(!c.packets, "nothing is sent to the one that was deleted");
	k = call(&c, "GET", mem, NULL);
	ok(k->status == 404, "nor does that make it anew");
	controller_call_free(k);
	ask(&c, &b, NWID(&c), meta);
	ok(got_config(&c, KZT_VERB_OK) && conf.issued_to == b.address, "its next request does");
	json_decref(must(&c, "DELETE", mem, NULL));
	ok(!controller_pay(&c) && !c.packets, "who was no bridge is deleted without a word");
	ask(&c, &b, NWID(&c), meta);
	controller_pay(&c);
	drain(&c);

	before = c.stats.revocations;
	json_decref(must(&c, "DELETE", net, NULL));
	controller_online_find(&c.online, NWID(&c), a.address)->creds_ms -= 2000;
	controller_online_find(&c.online, NWID(&c), b.address)->creds_ms -= 2000;
	controller_pay(&c);
	ok(drain(&c) && c.stats.revocations == before + 4,
	   "when the network is deleted each of them hears that both are out");
	ask(&c, &a, NWID(&c), meta);
	ok(said_error(&c, KZT_ERROR_OBJ_NOT_FOUND), "and then that there is none");

	/* All of them at one time, and more than one packet holds */
	json_decref(must(&c, "POST", net, "{\"private\":false}"));
	for (i = 0; i < 150; i++) {
		snprintf(mem, sizeof(mem), "%s/member/%010x", net, 0x11000000 + i);
		json_decref(must(&c, "POST", mem, "{\"authorized\":true}"));
	}
	ask(&c, &a, NWID(&c), meta);
	while (controller_pay(&c) || drain(&c))
		controller_online_find(&c.online, NWID(&c), a.address)->creds_ms -= 2000;
	before = c.stats.revocations;
	json_decref(must(&c, "DELETE", net, NULL));
	for (i = 0; i < 8; i++) {
		controller_online_find(&c.online, NWID(&c), a.address)->creds_ms -= 2000;
		controller_pay(&c);
		drain(&c);
	}
	ok(c.stats.revocations == before + 151, "of more than a packet holds it hears all: %lu",
	   c.stats.revocations - before);
	close_controller(&c);
}

/* --- many ----------------------------------------------------------------------------- */

static void test_pool(void)
{
	struct controller c;
	unsigned int i, with = 0;
	char net[64];
	struct kzt_id who;

	open_controller(&c, 0);
	snprintf(net, sizeof(net), "/controller/network/%016llx",
		 (unsigned long long)NWID(&c));
	json_decref(must(&c, "POST", net, "{\"private\":false,\"v4AssignMode\":\"zt\","
		"\"routes\":[{\"target\":\"10.7.0.0/16\"}],\"ipAssignmentPools\":["
		"{\"ipRangeStart\":\"10.7.1.1\",\"ipRangeEnd\":\"10.7.1.4\"}]}"));
	if (kzt_id_generate(&who))
		abort();
	for (i = 0; i < 5; i++) {
		who.address += 1;
		ask(&c, &who, NWID(&c), meta);
		if (got_config(&c, KZT_VERB_OK) && conf.n_addrs)
			with++;
		drain(&c);
	}
	ok(with == 3, "a pool of three gives three addresses: %u", with);
	close_controller(&c);
}

static void test_thousand(void)
{
	char net[64], body[4096];
	struct controller c;
	unsigned int i, good = 0;
	struct kzt_id who;
	uint64_t start;
	json_t *o;

	open_controller(&c, 0);
	snprintf(net, sizeof(net), "/controller/network/%016llx",
		 (unsigned long long)NWID(&c));
	json_decref(must(&c, "POST", net, "{\"private\":false,\"v4AssignMode\":\"zt\","
		"\"routes\":[{\"target\":\"10.7.0.0/16\"}],\"ipAssignmentPools\":["
		"{\"ipRangeStart\":\"10.7.0.1\",\"ipRangeEnd\":\"10.7.15.254\"}]}"));
	if (kzt_id_generate(&who))
		abort();
	for (i = 0; i < 1000; i++) {
		who.address = (who.address + 1) & 0xffffffffff;
		ask(&c, &who, NWID(&c), meta);
		good += got_config(&c, KZT_VERB_OK) && conf.n_addrs == 1;
		drain(&c);
	}
	ok(good == 1000, "a thousand members are configured: %u", good);
	snprintf(body, sizeof(body), "/unstable%s/member", net);
	o = must(&c, "GET", body, NULL);
	ok(json_array_size(json_object_get(o, "data")) == 1000, "and listed");
	json_decref(o);
	start = agent_now_ms();
	json_decref(must(&c, "POST", net, "{\"mtu\":1500}"));
	while (controller_pay(&c))
		;
	diag("made and signed in %llu ms", (unsigned long long)(agent_now_ms() - start));
	for (i = 0; drain(&c); i++)
		;
	ok(c.stats.pushes == 1000, "a change is pushed to all: %lu", c.stats.pushes);
	close_controller(&c);
}

static void test_big(void)
{
	struct controller c;
	json_t *rules = json_array(), *o;
	struct kzt_id who;
	char net[64], *text;
	unsigned int i;

	open_controller(&c, 0);
	snprintf(net, sizeof(net), "/controller/network/%016llx",
		 (unsigned long long)NWID(&c));
	for (i = 0; i < 1100; i++)
		json_array_append_new(rules, json_pack("{s:s,s:s}", "type",
			"MATCH_IPV6_SOURCE", "ip", "2001:db8::1/128"));
	o = json_pack("{s:b,s:o}", "private", 0, "rules", rules);
	text = json_dumps(o, 0);
	json_decref(o);
	json_decref(must(&c, "POST", net, text));
	free(text);
	if (kzt_id_generate(&who))
		abort();
	ask(&c, &who, NWID(&c), meta);
	ok(c.packets && c.packets->next && got_config(&c, KZT_VERB_OK) &&
	   conf.n_rules == 1024, "many rules come in several chunks, the first 1024");
	close_controller(&c);
}

int main(int argc, char **argv)
{
	const char *dir = vectors_dir(argc, argv);

	if (!mkdtemp(tmp_path))
		return 1;
	snprintf(db_path, sizeof(db_path), "%s/controller.db", tmp_path);
	test_vectors(dir);
	test_member();
	test_deleted();
	test_pool();
	test_thousand();
	test_big();
	rmdir(tmp_path);
	return tap_done();
}
