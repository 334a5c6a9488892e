// SPDX-License-Identifier: GPL-2.0
/* Configuration files: [Section] and Key = value. */
#include "conf.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_MAX (4 << 20)

static char *read_all(const char *file, int *code)
{
	FILE *f = strcmp(file, "-") ? fopen(file, "re") : stdin;
	size_t room = 4096, n = 0;
	char *text = NULL, *more;

	*code = -errno;
	if (!f)
		return NULL;
	*code = 0;
	while (!*code && !feof(f)) {
		more = realloc(text, room + 1);
		if (!more) {
			*code = -ENOMEM;
			break;
		}
		text = more;
		n += fread(text + n, 1, room - n, f);
		if (ferror(f))
			*code = -EIO;
		else if (n == room && (room *= 2) > FILE_MAX)
			*code = -EFBIG;
	}
	if (text)
		text[n] = 0;
	if (!*code && memchr(text, 0, n))
		*code = -EINVAL;
	if (f != stdin)
		fclose(f);
	if (!*code)
		return text;
	free(text);
	return NULL;
}

/* Without white space at both ends; in place */
static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	n = strlen(s);
	while (n && strchr(" \t\r", s[n - 1]))
		s[--n] = 0;
	return s;
}

static struct kzt_conf_section *section_new(struct kzt_conf *conf, char *name,
					    unsigned int line)
{
	struct kzt_conf_section *s, **more;

	if (conf->n == KZT_CONF_SECTIONS)
		return NULL;
	more = realloc(conf->section, (conf->n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	conf->section = more;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->name = name;
	s->line = line;
	conf->section[conf->n++] = s;
	return s;
}

static const char *parse_line(struct kzt_conf *conf, char *line, unsigned int no)
{
	struct kzt_conf_section *s = conf->n ? conf->section[conf->n - 1] : NULL;
	size_t n = strlen(line);
	char *eq;

	if (*line == '[') {
		conf->skip = true;
		if (n < 3 || line[n - 1] != ']')
			return "a section is written [Name]";
		line[n - 1] = 0;
		conf->skip = !section_new(conf, trim(line + 1), no);
		return conf->skip ? "there are too many sections" : NULL;
	}
	if (conf->skip)		/* not those of the section before it */
		return NULL;
	eq = strchr(line, '=');
	if (!eq || eq == line)
		return "neither [Section] nor Key = value";
	if (!s)
		return "a key before the first [Section]";
	if (s->n == KZT_CONF_KEYS)
		return "there are too many keys in the section";
	*eq = 0;
	s->key[s->n].name = trim(line);
	s->key[s->n].value = trim(eq + 1);
	s->key[s->n++].line = no;
	return NULL;
}

int kzt_conf_load(struct kzt_conf *conf, const char *file, const struct kzt_conf_told *told,
		  char err[256])
{
	unsigned int no = 0;
	const char *why;
	char *next, *line;
	int code;

	memset(conf, 0, sizeof(*conf));
	conf->text = read_all(file, &code);
	if (!conf->text) {
		snprintf(err, 256, "%s: %s", file, strerror(-code));
		return code;
	}
	for (next = conf->text; next;) {
		line = strsep(&next, "\n");
		no++;
		line = trim(line);
		if (!*line || *line == '#' || *line == ';')
			continue;
		why = parse_line(conf, line, no);
		if (why && told) {
			told->line(told->arg, no, why);
		} else if (why) {
			snprintf(err, 256, "%s:%u: %s", file, no, why);
			kzt_conf_free(conf);
			return -EINVAL;
		}
	}
	return 0;
}

void kzt_conf_free(struct kzt_conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->n; i++)
		free(conf->section[i]);
	free(conf->section);
	free(conf->text);
	memset(conf, 0, sizeof(*conf));
}

bool kzt_conf_is(const char *word, const char *name)
{
	return !strcasecmp(word, name);
}

const char *kzt_conf_get(const struct kzt_conf_section *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (kzt_conf_is(s->key[i].name, name))
			return s->key[i].value;
	return NULL;
}

/* --- what there is ------------------------------------------------------------------ */

enum kind { ONE, LIST, SWITCH, SWITCH_OR_PREFIXES };

static const struct {
	const char *section, *name;
	enum kind kind;
} keys[] = {
	{ "Node", "Identity", ONE }, { "Node", "Port", ONE }, { "Node", "FwMark", ONE },
	{ "Node", "Bind", LIST }, { "Node", "Deny", LIST }, { "Node", "DenyDev", LIST },
	{ "Node", "SecondaryPort", ONE }, { "Node", "Suite", ONE },
	{ "Node", "Relay", SWITCH }, { "Node", "PathMTU", LIST },
	{ "Node", "PathTrust", LIST }, { "Node", "Mapped", LIST },
	{ "Node", "PathRule", ONE }, { "Node", "Predict", SWITCH }, { "Node", "Policy", ONE },
	{ "Peer", "Identity", ONE }, { "Peer", "Endpoint", LIST },
	{ "Peer", "Deny", LIST }, { "Peer", "Policy", ONE },
	{ "Peer", "Root", SWITCH }, { "Peer", "Mark", ONE }, { "Peer", "Alias", ONE },
	{ "Network", "Id", ONE }, { "Network", "Name", ONE }, { "Network", "Netns", ONE },
	{ "Network", "Managed", SWITCH_OR_PREFIXES }, { "Network", "Global", SWITCH },
	{ "Network", "Default", SWITCH }, { "Network", "DNS", SWITCH },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

bool kzt_conf_section_known(const char *name)
{
	size_t i;

	for (i = 0; i < KEYS; i++)
		if (kzt_conf_is(name, keys[i].section))
			return true;
	return false;
}

bool kzt_conf_on(const char *value)
{
	return kzt_conf_is(value, "on") || kzt_conf_is(value, "yes") ||
	       kzt_conf_is(value, "true") || !strcmp(value, "1");
}

static bool is_switch(const char *value)
{
	return kzt_conf_on(value) || kzt_conf_is(value, "off") || kzt_conf_is(value, "no") ||
	       kzt_conf_is(value, "false") || !strcmp(value, "0");
}

const char *kzt_conf_wrong(const struct kzt_conf_section *s, const struct kzt_conf_key *key)
{
	const struct kzt_conf_key *k;
	size_t i;

	for (i = 0; i < KEYS; i++)
		if (kzt_conf_is(s->name, keys[i].section) && kzt_conf_is(key->name, keys[i].name))
			break;
	if (i == KEYS)
		return "there is no such key";
	for (k = s->key; keys[i].kind != LIST && k < key; k++)
		if (kzt_conf_is(k->name, key->name))
			return "it stands there already";
	if (keys[i].kind == SWITCH && !is_switch(key->value))
		return "it is on or off";
	if (keys[i].kind == SWITCH_OR_PREFIXES && !is_switch(key->value) &&
	    !strchr(key->value, '/'))
		return "it is on, off or prefixes";
	return NULL;
}

bool kzt_conf_item(const char **at, char *out, size_t room)
{
	size_t n;

	*at += strspn(*at, " \t,");
	n = strcspn(*at, " \t,");
	if (!n || n >= room)
		return false;
	memcpy(out, *at, n);
	out[n] = 0;
	*at += n;
	return true;
}
