// SPDX-License-Identifier: GPL-2.0
/*
 * The compiler of the rules language (spec 4.13.4): definitions are collected
 * first, so that they may follow their use; then capabilities and base rules are
 * made.
 */
#include "rulec_tree.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool rulec_fail(struct rulec *c, const struct rulec_node *at, const char *fmt, ...)
{
	va_list ap;

	c->err->line = at ? at->line : 1;
	c->err->column = at ? at->column : 0;
	va_start(ap, fmt);
	vsnprintf(c->err->text, sizeof(c->err->text), fmt, ap);
	va_end(ap);
	return false;
}

const char *rulec_value(const struct rulec_env *env, const struct rulec_node *node)
{
	unsigned int i;

	if (env && *node->text == '$')
		for (i = 0; i < env->n; i++)
			if (!strcmp(node->text, env->name[i]))
				return env->value[i];
	return node->text;
}

/* --- tags ------------------------------ */

static bool name_check(struct rulec *c, const struct rulec_node *opener,
		       const struct rulec_node *name)
{
	if (!name)
		return rulec_fail(c, opener, "%s needs a name", opener->text);
	if (!rulec_name_valid(name->text))
		return rulec_fail(c, name, "\"%.40s\" cannot be a name", name->text);
	return true;
}

static bool get_u32(struct rulec *c, const struct rulec_node *word,
		    const struct rulec_node *value, uint32_t *n)
{
	int64_t number;

	if (!value)
		return rulec_fail(c, word, "%s needs a number", word->text);
	if (!rulec_number(value->text, &number) || number < 0 || number > UINT32_MAX)
		return rulec_fail(c, value, "\"%.40s\" is not a number of 32 bits",
				  value->text);
	*n = (uint32_t)number;
	return true;
}

/* "3" or "red,4": bits, and flags defined before */
static bool flag_value(struct rulec *c, const struct rulec_tag *tag,
		       const struct rulec_node *at, uint32_t *value)
{
	char *list = strdup(at->text), *save = NULL, *word;
	bool ok = list;

	*value = 0;
	for (word = strtok_r(list, ",", &save); ok && word;
	     word = strtok_r(NULL, ",", &save)) {
		const json_t *v = json_object_get(tag->flags, word);
		int64_t bit;

		if (v)
			*value |= (uint32_t)json_integer_value(v);
		else if (rulec_number(word, &bit) && bit >= 0 && bit < 32)
			*value |= 1U << bit;
		else
			ok = false;
	}
	free(list);
	return ok || rulec_fail(c, at, "\"%.40s\" is no bit and no flag", at->text);
}

/* enum VALUE NAME or flag BITS NAME; *@at moves to the name */
static bool tag_word(struct rulec *c, struct rulec_tag *tag,
		     const struct rulec_node **at)
{
	const struct rulec_node *word = *at, *value = word->next;
	const struct rulec_node *name = value ? value->next : NULL;
	bool is_enum = !strcmp(word->text, "enum");
	uint32_t n;

	if (!name)
		return rulec_fail(c, word, "%s needs a value and a name", word->text);
	if (is_enum ? !get_u32(c, word, value, &n) : !flag_value(c, tag, value, &n))
		return false;
	if (!name_check(c, word, name))
		return false;
	if (json_object_get(tag->enums, name->text) ||
	    json_object_get(tag->flags, name->text))
		return rulec_fail(c, name, "\"%.40s\" is defined twice", name->text);
	json_object_set_new(is_enum ? tag->enums : tag->flags, name->text,
			    json_integer(n));
	*at = name;
	return true;
}

static bool tag_default(struct rulec *c, const struct rulec_tag *tag,
			const struct rulec_node *at, json_t **out)
{
	const json_t *v;
	uint32_t n;

	if (!at) {
		*out = json_null();
		return true;
	}
	v = json_object_get(tag->enums, at->text);
	if (!v)
		v = json_object_get(tag->flags, at->text);
	if (!v && !get_u32(c, at, at, &n))
		return false;
	*out = json_integer(v ? json_integer_value(v) : n);
	return true;
}

static bool tag_define(struct rulec *c, const struct rulec_node *opener, json_t *out)
{
	const struct rulec_node *at, *def = NULL, *name = opener->first;
	struct rulec_tag *tag = &c->tags[c->n_tags];
	bool has_id = false;
	json_t *value;
	size_t i;

	if (!name_check(c, opener, name))
		return false;
	for (i = 0; i < c->n_tags; i++)
		if (!strcmp(name->text, c->tags[i].name->text))
			return rulec_fail(c, name, "there are two tags \"%.40s\"",
					  name->text);
	tag->name = name;
	tag->enums = json_object();
	tag->flags = json_object();
	c->n_tags++;
	for (at = name->next; at; at = at->next) {
		if (!strcmp(at->text, "id")) {
			if (!get_u32(c, at, at->next, &tag->id))
				return false;
			has_id = true;
			at = at->next;
		} else if (!strcmp(at->text, "default")) {
			def = at = at->next;
			if (!def)
				return rulec_fail(c, name, "default needs a value");
		} else if (!strcmp(at->text, "enum") || !strcmp(at->text, "flag")) {
			if (!tag_word(c, tag, &at))
				return false;
		} else {
			return rulec_fail(c, at, "a tag has no \"%.40s\"", at->text);
		}
	}
	if (!has_id)
		return rulec_fail(c, name, "the tag \"%.40s\" has no id", name->text);
	if (!tag_default(c, tag, def, &value))
		return false;
	json_array_append_new(out, json_pack("{s:I,s:o}", "id", (json_int_t)tag->id,
					     "default", value));
	return true;
}

/* --- macros ------------------------------ */

/* "name(a,b)": cut into its parts; false if it is not of that form */
static bool call_split(char *text, char **args, unsigned int *n)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')'), *p;

	*n = 0;
	if (!open)
		return true;
	if (!close || close < open || close[1])
		return false;
	*open = 0;
	*close = 0;
	for (p = open + 1; p < close; p++) {
		if (*n == RULEC_MACRO_ARGS)
			return false;
		args[(*n)++] = p;
		p += strcspn(p, ",");
		*p = 0;
	}
	return true;
}

static bool macro_define(struct rulec *c, const struct rulec_node *opener)
{
	const struct rulec_node *name = opener->first;
	char *args[RULEC_MACRO_ARGS];
	unsigned int n, i;
	size_t k;

	if (!name)
		return rulec_fail(c, opener, "macro needs a name");
	if (!call_split(name->text, args, &n))
		return rulec_fail(c, name, "\"%.40s\" is not NAME($PARAMETER,..)",
				  name->text);
	if (!name_check(c, opener, name))
		return false;
	for (i = 0; i < n; i++)
		if (*args[i] != '$' || !args[i][1])
			return rulec_fail(c, name, "the parameter \"%.40s\" does not begin with $",
					  args[i]);
	for (k = 0; k < c->n_macros; k++)
		if (!strcmp(name->text, c->macros[k].name->text))
			return rulec_fail(c, name, "there are two macros \"%.40s\"",
					  name->text);
	c->macros[c->n_macros].n_params = n;
	c->macros[c->n_macros++].name = name;
	return true;
}

static bool macro_bind(struct rulec *c, const struct rulec_macro *macro,
		       const struct rulec_node *call, const struct rulec_env *outer,
		       char **args, struct rulec_env *env)
{
	const char *param = macro->name->text;
	unsigned int i;

	env->n = macro->n_params;
	env->depth = outer ? outer->depth + 1 : 1;
	if (env->depth > RULEC_MACRO_DEPTH)
		return rulec_fail(c, call, "macros are included too deep");
	for (i = 0; i < env->n; i++) {
		const struct rulec_node arg = { .text = args[i] };

		param += strlen(param) + 1;
		env->name[i] = param;
		env->value[i] = rulec_value(outer, &arg);
	}
	return true;
}

/* --- actions ------------------------------ */

static bool actions(struct rulec *c, const struct rulec_env *env,
		    const struct rulec_node *at, json_t *rules);

static bool include(struct rulec *c, const struct rulec_env *env,
		    const struct rulec_node *word, json_t *rules)
{
	const struct rulec_node *call = word->next;
	const struct rulec_macro *macro = NULL;
	char *args[RULEC_MACRO_ARGS], *text;
	struct rulec_env inner;
	unsigned int n;
	bool ok;
	size_t i;

	if (!call)
		return rulec_fail(c, word, "include needs the name of a macro");
	text = strdup(rulec_value(env, call));
	if (!text)
		return rulec_fail(c, call, "out of memory");
	ok = call_split(text, args, &n);
	for (i = 0; ok && i < c->n_macros; i++)
		if (!strcmp(text, c->macros[i].name->text))
			macro = &c->macros[i];
	if (!macro)
		ok = rulec_fail(c, call, "there is no macro \"%.40s\"", text);
	else if (n != macro->n_params)
		ok = rulec_fail(c, call, "the macro \"%.40s\" takes %u argument%s", text,
				macro->n_params, macro->n_params == 1 ? "" : "s");
	else
		ok = macro_bind(c, macro, call, env, args, &inner) &&
		     actions(c, &inner, macro->name->next, rules);
	free(text);
	return ok;
}

/* What stands before the matches of tee, watch and redirect */
static bool action_args(struct rulec *c, const struct rulec_env *env,
			const struct rulec_node *word, json_t *o,
			const struct rulec_node **at)
{
	bool copy = strcmp(word->text, "redirect");
	const struct rulec_node *length = *at;
	const struct rulec_node *to = copy && length ? length->next : length;
	uint64_t address;
	int64_t n;

	if (!to)
		return rulec_fail(c, word, "%s needs %san address", word->text,
				  copy ? "a length and " : "");
	if (copy) {
		if (!rulec_number(rulec_value(env, length), &n) || n < -1 || n > 0xffff)
			return rulec_fail(c, length, "\"%.40s\" is not a length",
					  rulec_value(env, length));
		json_object_set_new(o, "length", json_integer(n));
	}
	if (!rulec_hex(rulec_value(env, to), 10, &address))
		return rulec_fail(c, to, "\"%.40s\" is not an address of ten digits",
				  rulec_value(env, to));
	json_object_set_new(o, "address", json_sprintf("%010llx",
						       (unsigned long long)address));
	*at = to->next;
	return true;
}

static const char *action_type(const char *word)
{
	static const char *const types[][2] = {
		{ "drop", "ACTION_DROP" }, { "accept", "ACTION_ACCEPT" },
		{ "break", "ACTION_BREAK" }, { "tee", "ACTION_TEE" },
		{ "watch", "ACTION_WATCH" }, { "redirect", "ACTION_REDIRECT" },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(word, types[i][0]))
			return types[i][1];
	return NULL;
}

static bool action(struct rulec *c, const struct rulec_env *env,
		   const struct rulec_node *word, json_t *rules)
{
	const char *type = action_type(word->text);
	const struct rulec_node *at = word->first;
	json_t *o;

	if (!strcmp(word->text, "priority"))
		return rulec_fail(c, word, "priority is not supported");
	if (!type)
		return rulec_fail(c, word, "\"%.40s\" is not an action", word->text);
	o = json_pack("{s:s}", "type", type);
	if (!o)
		return rulec_fail(c, word, "out of memory");
	if (strchr("twr", *word->text) && !action_args(c, env, word, o, &at))
		goto err;
	while (at) {
		if (!rulec_match(c, env, at, rules, &at))
			goto err;
		c->n_rules++;
	}
	if (++c->n_rules > RULEC_RULES_MAX) {
		rulec_fail(c, word, "these are too many rules");
		goto err;
	}
	json_array_append_new(rules, o);
	return true;

err:
	json_decref(o);
	return false;
}

/* Actions of a capability or a macro, and those on the outermost level */
static bool actions(struct rulec *c, const struct rulec_env *env,
		    const struct rulec_node *at, json_t *rules)
{
	for (; at; at = at->next) {
		if (!strcmp(at->text, "include")) {
			if (!include(c, env, at, rules))
				return false;
			at = at->next;
		} else if (!action(c, env, at, rules)) {
			return false;
		}
	}
	return true;
}

/* --- capabilities ------------------------------ */

static bool id_taken(const json_t *caps, uint32_t id)
{
	const json_t *cap;
	size_t i;

	json_array_foreach(caps, i, cap)
		if (json_integer_value(json_object_get(cap, "id")) == id)
			return true;
	return false;
}

/* id and default, then *@at is the first action */
static bool cap_head(struct rulec *c, const struct rulec_node *name,
		     const json_t *caps, uint32_t *id, bool *def,
		     const struct rulec_node **at)
{
	const struct rulec_node *p = name->next;
	bool has_id = false;

	for (; p; p = p->next) {
		if (!strcmp(p->text, "id")) {
			if (!get_u32(c, p, p->next, id))
				return false;
			if (id_taken(caps, *id))
				return rulec_fail(c, p, "there are two capabilities with the id %u",
						  *id);
			has_id = true;
			p = p->next;
		} else if (!strcmp(p->text, "default")) {
			*def = true;
		} else {
			break;
		}
	}
	if (!has_id)
		return rulec_fail(c, name, "the capability \"%.40s\" has no id",
				  name->text);
	*at = p;
	return true;
}

static bool cap_define(struct rulec *c, const struct rulec_node *opener,
		       json_t *caps, json_t *names)
{
	const struct rulec_node *name = opener->first, *at = NULL;
	json_t *rules;
	bool def = false;
	uint32_t id;

	if (!name_check(c, opener, name) ||
	    !cap_head(c, name, caps, &id, &def, &at))
		return false;
	if (json_object_get(names, name->text))
		return rulec_fail(c, name, "there are two capabilities \"%.40s\"",
				  name->text);
	rules = json_array();
	if (!actions(c, NULL, at, rules)) {
		json_decref(rules);
		return false;
	}
	json_object_set_new(names, name->text, json_integer(id));
	json_array_append_new(caps, json_pack("{s:I,s:b,s:o}", "id", (json_int_t)id,
					      "default", def, "rules", rules));
	return true;
}

/* --- all of it ------------------------------ */

static bool definitions(struct rulec *c, json_t *tags)
{
	const struct rulec_node *at;
	bool ok = true;

	for (at = c->top; at && ok; at = at->next) {
		if (!strcmp(at->text, "macro"))
			ok = macro_define(c, at);
		else if (!strcmp(at->text, "tag"))
			ok = tag_define(c, at, tags);
	}
	return ok;
}

static bool capabilities(struct rulec *c, json_t *caps, json_t *names)
{
	const struct rulec_node *at;
	bool ok = true;

	for (at = c->top; at && ok; at = at->next)
		if (!strcmp(at->text, "cap"))
			ok = cap_define(c, at, caps, names);
	return ok;
}

static bool base_rules(struct rulec *c, json_t *rules)
{
	const struct rulec_node *at;
	bool ok = true;

	for (at = c->top; at && ok; at = at->next) {
		if (!strcmp(at->text, "macro") || !strcmp(at->text, "tag") ||
		    !strcmp(at->text, "cap"))
			continue;
		if (!strcmp(at->text, "include")) {
			ok = include(c, NULL, at, rules);
			at = at->next;
		} else {
			ok = action(c, NULL, at, rules);
		}
		if (!at)
			break;
	}
	return ok;
}

static json_t *compile(struct rulec *c)
{
	json_t *rules = json_array(), *caps = json_array(), *tags = json_array();
	json_t *cap_names = json_object(), *tag_names = json_object(), *out;
	size_t i;
	bool ok;

	ok = definitions(c, tags) && capabilities(c, caps, cap_names) &&
	     base_rules(c, rules);
	for (i = 0; i < c->n_tags; i++)
		json_object_set_new(tag_names, c->tags[i].name->text,
				    json_integer(c->tags[i].id));
	out = json_pack("{s:o,s:o,s:o,s:o,s:o}", "rules", rules, "capabilities", caps,
			"tags", tags, "capabilityNames", cap_names, "tagNames",
			tag_names);
	if (ok && out)
		return out;
	if (ok)	/* names that are not UTF-8 are found here at the latest */
		rulec_fail(c, NULL, "out of memory");
	json_decref(out);
	return NULL;
}

static bool text_check(struct rulec *c, const char *text, size_t len)
{
	json_t *probe;

	if (len > RULEC_TEXT_MAX)
		return rulec_fail(c, NULL, "the text is longer than %d bytes",
				  RULEC_TEXT_MAX);
	probe = memchr(text, 0, len) ? NULL : json_stringn(text, len);
	if (!probe)
		return rulec_fail(c, NULL, "the text is not UTF-8");
	json_decref(probe);
	return true;
}

json_t *rulec_compile(const char *text, size_t len, struct rulec_error *err)
{
	struct rulec c = { .err = err };
	json_t *out = NULL;
	size_t i;

	memset(err, 0, sizeof(*err));
	if (!text_check(&c, text, len))
		return NULL;
	if (!rulec_lex(&c, text, len))
		goto out;
	c.tags = calloc(c.n_nodes + 1, sizeof(*c.tags));
	c.macros = calloc(c.n_nodes + 1, sizeof(*c.macros));
	if (c.tags && c.macros)
		out = compile(&c);
out:
	if (!out && !*err->text)
		rulec_fail(&c, NULL, "out of memory");
	for (i = 0; i < c.n_tags; i++) {
		json_decref(c.tags[i].enums);
		json_decref(c.tags[i].flags);
	}
	free(c.tags);
	free(c.macros);
	free(c.nodes);
	free(c.text);
	return out;
}
