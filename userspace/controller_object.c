// SPDX-License-Identifier: GPL-2.0
/* Networks and members of a controller as JSON (spec 4.12.1, 4.12.2, 4.13.2). */
#include "controller_object.h"
#include "lax.h"
#include "rules_json.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DNS_SERVERS_MAX 4
#define NAME_MAX_BYTES 127

const struct controller_field controller_network_fields[] = {
	{ "name", "name", FIELD_TEXT, false, false, "\"\"" },
	{ "private", "private", FIELD_BOOL, false, false, "true" },
	{ "enableBroadcast", "broadcast", FIELD_BOOL, false, false, "true" },
	{ "multicastLimit", "multicast_limit", FIELD_INT, false, false, "32" },
	{ "mtu", "mtu", FIELD_INT, false, false, "2800" },
	{ "v4AssignMode", "v4_assign_mode", FIELD_JSON, false, false, "{\"zt\":false}" },
	{ "v6AssignMode", "v6_assign_mode", FIELD_JSON, false, false,
	  "{\"rfc4193\":false,\"zt\":false,\"6plane\":false}" },
	{ "routes", "routes", FIELD_JSON, false, false, "[]" },
	{ "ipAssignmentPools", "pools", FIELD_JSON, false, false, "[]" },
	{ "rules", "rules", FIELD_JSON, false, false,
	  "[{\"not\":false,\"or\":false,\"type\":\"ACTION_ACCEPT\"}]" },
	{ "capabilities", "capabilities", FIELD_JSON, false, false, "[]" },
	{ "tags", "tags", FIELD_JSON, false, false, "[]" },
	{ "authTokens", "auth_tokens", FIELD_JSON, false, false, "[null]" },
	{ "dns", "dns", FIELD_JSON, false, false, "[]" },
	{ "remoteTraceTarget", "trace_target", FIELD_TEXT, true, false, "null" },
	{ "remoteTraceLevel", "trace_level", FIELD_INT, false, false, "0" },
	{ "rulesSource", "rules_source", FIELD_TEXT, false, false, "\"\"" },
	{ "ssoEnabled", "sso_enabled", FIELD_BOOL, false, false, "false" },
	{ "clientId", "client_id", FIELD_TEXT, false, false, "\"\"" },
	{ "authorizationEndpoint", "authorization_endpoint", FIELD_TEXT, false, false,
	  "\"\"" },
	{ "certificateTimeoutWindowSize", "credential_delta", FIELD_INT, false, true,
	  NULL },
	{ "creationTime", "creation_time", FIELD_INT, false, false, NULL },
	{ "revision", "revision", FIELD_INT, false, false, "0" },
	{ NULL, NULL, FIELD_TEXT, false, false, NULL },
};

const struct controller_field controller_member_fields[] = {
	{ "identity", "identity", FIELD_TEXT, false, true, NULL },
	{ "authorized", "authorized", FIELD_BOOL, false, false, "false" },
	{ "activeBridge", "active_bridge", FIELD_BOOL, false, false, "false" },
	{ "noAutoAssignIps", "no_auto_assign", FIELD_BOOL, false, false, "false" },
	{ "ipAssignments", "ip_assignments", FIELD_JSON, false, false, "[]" },
	{ "tags", "tags", FIELD_JSON, false, false, "[]" },
	{ "capabilities", "capabilities", FIELD_JSON, false, false, "[]" },
	{ "name", "name", FIELD_TEXT, false, true, NULL },
	{ "lastAuthorizedTime", "last_authorized", FIELD_INT, false, false, "0" },
	{ "lastDeauthorizedTime", "last_deauthorized", FIELD_INT, false, false, "0" },
	{ "lastAuthorizedCredentialType", "credential_type", FIELD_TEXT, true, false,
	  "null" },
	{ "lastAuthorizedCredential", "credential", FIELD_TEXT, true, false, "null" },
	{ "vMajor", "v_major", FIELD_INT, false, false, "-1" },
	{ "vMinor", "v_minor", FIELD_INT, false, false, "-1" },
	{ "vRev", "v_revision", FIELD_INT, false, false, "-1" },
	{ "vProto", "v_proto", FIELD_INT, false, false, "-1" },
	{ "remoteTraceTarget", "trace_target", FIELD_TEXT, true, false, "null" },
	{ "remoteTraceLevel", "trace_level", FIELD_INT, false, false, "0" },
	{ "ssoExempt", "sso_exempt", FIELD_BOOL, false, false, "false" },
	{ "authenticationExpiryTime", "authentication_expiry", FIELD_INT, false, false,
	  "0" },
	{ "creationTime", "creation_time", FIELD_INT, false, false, NULL },
	{ "revision", "revision", FIELD_INT, false, false, "0" },
	{ NULL, NULL, FIELD_TEXT, false, false, NULL },
};

/* --- objects ------------------------------ */

const char *controller_hex(uint64_t n, unsigned int digits, char *out)
{
	snprintf(out, 17, "%0*" PRIx64, (int)digits, n);
	return out;
}

void controller_network_key(json_t *network, uint64_t nwid)
{
	char id[17];

	controller_hex(nwid, 16, id);
	json_object_set_new(network, "id", json_string(id));
	json_object_set_new(network, "nwid", json_string(id));
	json_object_set_new(network, "objtype", json_string("network"));
}

void controller_member_key(json_t *member, uint64_t nwid, uint64_t address)
{
	char id[17];

	controller_hex(nwid, 16, id);
	json_object_set_new(member, "nwid", json_string(id));
	controller_hex(address, 10, id);
	json_object_set_new(member, "id", json_string(id));
	json_object_set_new(member, "address", json_string(id));
	json_object_set_new(member, "objtype", json_string("member"));
}

static json_t *object_new(const struct controller_field *f, uint64_t now_ms)
{
	json_t *o = json_object();

	for (; f->name; f++)
		if (f->def)
			json_object_set_new(o, f->name, json_loads(f->def,
					    JSON_DECODE_ANY, NULL));
	json_object_set_new(o, "creationTime", json_integer((json_int_t)now_ms));
	return o;
}

json_t *controller_network_new(uint64_t nwid, uint64_t now_ms)
{
	json_t *o = object_new(controller_network_fields, now_ms);

	controller_network_key(o, nwid);
	return o;
}

json_t *controller_member_new(uint64_t nwid, uint64_t address, uint64_t now_ms)
{
	json_t *o = object_new(controller_member_fields, now_ms);

	controller_member_key(o, nwid, address);
	return o;
}

bool controller_touch(json_t *o, const json_t *before)
{
	if (json_equal(o, before))
		return false;
	json_object_set_new(o, "revision", json_integer(controller_int(o, "revision") + 1));
	return true;
}

/* --- values ------------------------------ */

int controller_ip(const char *text, uint8_t ip[16], unsigned int *bits)
{
	const char *slash = text ? strchr(text, '/') : NULL;
	char host[INET6_ADDRSTRLEN], *end;
	unsigned long n;
	int family;

	if (!text || !slash != !bits)
		return 0;
	if (!slash)
		slash = text + strlen(text);
	if ((size_t)(slash - text) >= sizeof(host))
		return 0;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = 0;
	memset(ip, 0, 16);
	family = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, host, ip) != 1)
		return 0;
	if (!bits)
		return family;
	if (slash[1] < '0' || slash[1] > '9')
		return 0;
	n = strtoul(slash + 1, &end, 10);
	if (*end || n > (family == AF_INET ? 32 : 128))
		return 0;
	*bits = (unsigned int)n;
	return family;
}

/* Text as it is, if it holds an address (with a prefix length, if @net) */
static const char *ip_text(const json_t *v, bool net, int *family)
{
	const char *text = json_string_value(v);
	unsigned int bits;
	uint8_t ip[16];

	*family = controller_ip(text, ip, net ? &bits : NULL);
	return *family ? text : NULL;
}

static void set_text(json_t *o, const char *key, const json_t *v)
{
	char buf[LAX_TEXT_MAX];
	const char *text = lax_text(v, "", buf);
	size_t len = strlen(text);

	/* Not within a character */
	if (len > NAME_MAX_BYTES)
		for (len = NAME_MAX_BYTES; len && (text[len] & 0xc0) == 0x80; )
			len--;
	json_object_set_new(o, key, json_stringn(text, len));
}

static void set_bool(json_t *o, const char *key, const json_t *v)
{
	json_object_set_new(o, key, json_boolean(lax_bool(v, false)));
}

static void set_int(json_t *o, const char *key, uint64_t n, uint64_t low, uint64_t high)
{
	n = n < low ? low : n > high ? high : n;
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static uint32_t get_u32(const json_t *o, const char *key)
{
	return (uint32_t)lax_uint(json_object_get(o, key), 0);
}

/* Ten hexadecimal digits, or null */
static void set_target(json_t *o, const json_t *v)
{
	const char *text = json_string_value(v);
	char id[17];
	uint64_t n;

	json_object_set_new(o, "remoteTraceTarget", lax_hex(text, 10, &n) ?
			    json_string(controller_hex(n, 10, id)) : json_null());
}

/* --- what a network is made of ------------------------------ */

static bool listed(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; text && *text; text += strcspn(text, ","), text += *text == ',')
		if (!strncmp(text, word, len) && (!text[len] || text[len] == ','))
			return true;
	return false;
}

static json_t *assign_mode(const json_t *v, const char *const *words)
{
	json_t *o = json_object();

	for (; *words; words++)
		json_object_set_new(o, *words, json_boolean(json_is_string(v) ?
				    listed(json_string_value(v), *words) :
				    lax_bool(json_object_get(v, *words), false)));
	return o;
}

static json_t *routes(const json_t *list)
{
	json_t *out = json_array();
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		int family, via_family;
		const char *target = ip_text(json_object_get(v, "target"), true, &family);
		const char *via = ip_text(json_object_get(v, "via"), false, &via_family);

		if (json_array_size(out) == CONTROLLER_ARRAY_MAX)
			break;
		if (!target)
			continue;
		json_array_append_new(out, json_pack("{s:s,s:s?}", "target", target, "via",
						     via_family == family ? via : NULL));
	}
	return out;
}

static json_t *pools(const json_t *list)
{
	json_t *out = json_array();
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		int from, to;
		const char *start = ip_text(json_object_get(v, "ipRangeStart"), false, &from);
		const char *end = ip_text(json_object_get(v, "ipRangeEnd"), false, &to);

		if (json_array_size(out) == CONTROLLER_ARRAY_MAX)
			break;
		if (start && end && from == to)
			json_array_append_new(out, json_pack("{s:s,s:s}", "ipRangeStart",
							     start, "ipRangeEnd", end));
	}
	return out;
}

struct entry {
	json_t *o;
	json_int_t id;
	size_t at;
};

static int entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* One for each id, the last one that was given, ascending */
static json_t *sorted_by_id(const json_t *list, json_t *(*make)(const json_t *v))
{
	size_t n = 0, i, max = json_array_size(list);
	struct entry *e;
	json_t *out = json_array();

	if (max > CONTROLLER_ARRAY_MAX)
		max = CONTROLLER_ARRAY_MAX;
	e = calloc(max + 1, sizeof(*e));
	for (i = 0; e && i < max; i++) {
		const json_t *v = json_array_get(list, i);

		if (!json_is_object(v))
			continue;
		e[n].o = make(v);
		e[n].id = controller_int(e[n].o, "id");
		e[n].at = n;
		n++;
	}
	if (n)
		qsort(e, n, sizeof(*e), entry_cmp);
	for (i = 0; i < n; i++) {
		if (i + 1 < n && e[i + 1].id == e[i].id)
			json_decref(e[i].o);
		else
			json_array_append_new(out, e[i].o);
	}
	free(e);
	return out;
}

static json_t *capability(const json_t *v)
{
	return json_pack("{s:I,s:b,s:o}", "id", (json_int_t)get_u32(v, "id"), "default",
			 lax_bool(json_object_get(v, "default"), false), "rules",
			 rules_json_normal(json_object_get(v, "rules"),
					   CONTROLLER_ARRAY_MAX));
}

static json_t *tag(const json_t *v)
{
	const json_t *def = json_object_get(v, "default");

	return json_pack("{s:I,s:o}", "id", (json_int_t)get_u32(v, "id"), "default",
			 !def || json_is_null(def) ? json_null() :
			 json_integer((json_int_t)(uint32_t)lax_uint(def, 0)));
}

static json_t *auth_tokens(const json_t *v)
{
	json_t *out = json_object();
	const json_t *expiry;
	const char *token;

	json_object_foreach((json_t *)v, token, expiry)
		if (json_object_size(out) < CONTROLLER_ARRAY_MAX && *token &&
		    json_is_number(expiry) && json_number_value(expiry) >= 0)
			json_object_set_new(out, token, json_integer(
				(json_int_t)lax_uint(expiry, 0)));
	return out;
}

static json_t *dns(const json_t *v)
{
	json_t *servers = json_array(), *o = json_object();
	const json_t *s;
	size_t i;

	if (!json_is_object(v)) {
		json_decref(servers);
		json_decref(o);
		return json_array();
	}
	json_array_foreach(json_object_get(v, "servers"), i, s) {
		int family;
		const char *text = ip_text(s, false, &family);

		if (text && json_array_size(servers) < DNS_SERVERS_MAX)
			json_array_append_new(servers, json_string(text));
	}
	set_text(o, "domain", json_object_get(v, "domain"));
	json_object_set_new(o, "servers", servers);
	return o;
}

static void network_lists(json_t *o, const json_t *posted)
{
	static const char *const v4[] = { "zt", NULL };
	static const char *const v6[] = { "rfc4193", "zt", "6plane", NULL };
	const json_t *v;

	v = json_object_get(posted, "v4AssignMode");
	if (json_is_object(v) || json_is_string(v))
		json_object_set_new(o, "v4AssignMode", assign_mode(v, v4));
	v = json_object_get(posted, "v6AssignMode");
	if (json_is_object(v) || json_is_string(v))
		json_object_set_new(o, "v6AssignMode", assign_mode(v, v6));
	v = json_object_get(posted, "routes");
	if (json_is_array(v))
		json_object_set_new(o, "routes", routes(v));
	v = json_object_get(posted, "ipAssignmentPools");
	if (json_is_array(v))
		json_object_set_new(o, "ipAssignmentPools", pools(v));
	v = json_object_get(posted, "rules");
	if (json_is_array(v))
		json_object_set_new(o, "rules", rules_json_normal(v, CONTROLLER_ARRAY_MAX));
	v = json_object_get(posted, "capabilities");
	if (json_is_array(v))
		json_object_set_new(o, "capabilities", sorted_by_id(v, capability));
	v = json_object_get(posted, "tags");
	if (json_is_array(v))
		json_object_set_new(o, "tags", sorted_by_id(v, tag));
	v = json_object_get(posted, "authTokens");
	if (json_is_object(v))
		json_object_set_new(o, "authTokens", auth_tokens(v));
	v = json_object_get(posted, "dns");
	if (json_is_object(v) || json_is_array(v))
		json_object_set_new(o, "dns", dns(v));
}

bool controller_network_apply(json_t *network, const json_t *posted)
{
	json_t *before = json_deep_copy(network);
	const json_t *v;
	bool changed;

	v = json_object_get(posted, "name");
	if (v)
		set_text(network, "name", v);
	v = json_object_get(posted, "private");
	if (v)
		set_bool(network, "private", v);
	v = json_object_get(posted, "enableBroadcast");
	if (v)
		set_bool(network, "enableBroadcast", v);
	v = json_object_get(posted, "multicastLimit");
	if (v)
		set_int(network, "multicastLimit", lax_uint(v, 32), 0, UINT32_MAX);
	v = json_object_get(posted, "mtu");
	if (v)
		set_int(network, "mtu", lax_uint(v, 2800), CONTROLLER_MTU_MIN,
			CONTROLLER_MTU_MAX);
	v = json_object_get(posted, "certificateTimeoutWindowSize");
	if (v)
		set_int(network, "certificateTimeoutWindowSize",
			lax_uint(v, CONTROLLER_DELTA_DEFAULT), CONTROLLER_DELTA_MIN,
			CONTROLLER_DELTA_MAX);
	v = json_object_get(posted, "remoteTraceTarget");
	if (v)
		set_target(network, v);
	/* Scripts may count on it: a post that does not say it sets it back */
	set_int(network, "remoteTraceLevel",
		lax_uint(json_object_get(posted, "remoteTraceLevel"), 0), 0, INT32_MAX);
	network_lists(network, posted);
	changed = controller_touch(network, before);
	json_decref(before);
	return changed;
}

/* --- what a member is made of ------------------------------ */

void controller_authorize(json_t *member, bool authorized, const char *type,
			  const char *credential, uint64_t now_ms)
{
	if (controller_bool(member, "authorized") == authorized)
		return;
	json_object_set_new(member, "authorized", json_boolean(authorized));
	json_object_set_new(member, authorized ? "lastAuthorizedTime" :
			    "lastDeauthorizedTime", json_integer((json_int_t)now_ms));
	if (!authorized)
		return;
	json_object_set_new(member, "lastAuthorizedCredentialType", json_string(type));
	json_object_set_new(member, "lastAuthorizedCredential",
			    credential ? json_string(credential) : json_null());
}

static json_t *assignments(const json_t *list)
{
	json_t *out = json_array(), *seen = json_object();
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		int family;
		const char *text = ip_text(v, false, &family);

		if (json_array_size(out) == CONTROLLER_ARRAY_MAX)
			break;
		if (!text || json_object_get(seen, text))
			continue;
		json_object_set_new(seen, text, json_true());
		json_array_append_new(out, json_string(text));
	}
	json_decref(seen);
	return out;
}

/* A pair as an object, to be sorted */
static json_t *tag_pair(const json_t *v)
{
	return json_pack("{s:I,s:I}", "id",
			 (json_int_t)(uint32_t)lax_uint(json_object_get(v, "id"), 0), "value",
			 (json_int_t)(uint32_t)lax_uint(json_object_get(v, "value"), 0));
}

static json_t *member_tags(const json_t *list)
{
	json_t *objects = json_array(), *sorted, *out = json_array();
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		if (json_array_size(v) == 2)
			json_array_append_new(objects, json_pack("{s:O,s:O}", "id",
				json_array_get(v, 0), "value", json_array_get(v, 1)));
	sorted = sorted_by_id(objects, tag_pair);
	json_array_foreach(sorted, i, v)
		json_array_append_new(out, json_pack("[I,I]", controller_int(v, "id"),
						     controller_int(v, "value")));
	json_decref(objects);
	json_decref(sorted);
	return out;
}

static json_t *cap_id(const json_t *v)
{
	return json_pack("{s:I}", "id", (json_int_t)get_u32(v, "id"));
}

static json_t *member_capabilities(const json_t *list)
{
	json_t *objects = json_array(), *sorted, *out = json_array();
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		json_array_append_new(objects, json_pack("{s:O}", "id", v));
	sorted = sorted_by_id(objects, cap_id);
	json_array_foreach(sorted, i, v)
		json_array_append_new(out, json_integer(controller_int(v, "id")));
	json_decref(objects);
	json_decref(sorted);
	return out;
}

bool controller_member_apply(json_t *member, const json_t *posted, uint64_t now_ms)
{
	json_t *before = json_deep_copy(member);
	const json_t *v;
	bool changed;

	v = json_object_get(posted, "activeBridge");
	if (v)
		set_bool(member, "activeBridge", v);
	v = json_object_get(posted, "noAutoAssignIps");
	if (v)
		set_bool(member, "noAutoAssignIps", v);
	v = json_object_get(posted, "name");
	if (v)
		set_text(member, "name", v);
	v = json_object_get(posted, "remoteTraceTarget");
	if (v)
		set_target(member, v);
	v = json_object_get(posted, "remoteTraceLevel");
	if (v)
		set_int(member, "remoteTraceLevel", lax_uint(v, 0), 0, INT32_MAX);
	v = json_object_get(posted, "authenticationExpiryTime");
	if (v)
		set_int(member, "authenticationExpiryTime", lax_uint(v, 0), 0, INT64_MAX);
	v = json_object_get(posted, "ipAssignments");
	if (json_is_array(v))
		json_object_set_new(member, "ipAssignments", assignments(v));
	v = json_object_get(posted, "tags");
	if (json_is_array(v))
		json_object_set_new(member, "tags", member_tags(v));
	v = json_object_get(posted, "capabilities");
	if (json_is_array(v))
		json_object_set_new(member, "capabilities", member_capabilities(v));
	v = json_object_get(posted, "authorized");
	if (v)
		controller_authorize(member, lax_bool(v, false), "api", NULL, now_ms);
	changed = controller_touch(member, before);
	json_decref(before);
	return changed;
}
