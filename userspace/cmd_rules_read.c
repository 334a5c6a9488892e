// SPDX-License-Identifier: GPL-2.0
/* Base rules of a file, in the rules language or in the JSON that it becomes. */
#include "cmd_rules.h"
#include "kzt.h"
#include "rulec.h"
#include "rules_json.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char *read_text(const char *file, size_t *len)
{
	FILE *f = strcmp(file, "-") ? fopen(file, "re") : stdin;
	char *text = malloc(RULEC_TEXT_MAX + 1);

	*len = 0;
	if (!f || !text) {
		kzt_fail("%s: %s", file, strerror(errno));
		free(text);
		text = NULL;
	} else {
		*len = fread(text, 1, RULEC_TEXT_MAX + 1, f);
	}
	if (text && (ferror(f) || *len > RULEC_TEXT_MAX)) {
		kzt_fail("%s: %s", file, ferror(f) ? strerror(errno) : "too long");
		free(text);
		text = NULL;
	}
	if (f && f != stdin)
		fclose(f);
	return text;
}

/* What the language compiles to, or that itself: an object, or its array "rules" */
static json_t *rules_of(const char *file, const char *text, size_t len)
{
	size_t blank = strspn(text, " \t\r\n");
	struct rulec_error err;
	json_error_t why;
	json_t *doc;

	if (text[blank] != '{' && text[blank] != '[') {
		doc = rulec_compile(text, len, &err);
		if (!doc)
			kzt_fail("%s:%u:%u: %s", file, err.line, err.column, err.text);
		return doc;
	}
	doc = json_loadb(text, len, 0, &why);
	if (!doc)
		kzt_fail("%s:%d:%d: %s", file, why.line, why.column, why.text);
	return doc;
}

int kzt_rules_read(const char *file, uint8_t *blob, size_t room, int *len)
{
	static struct kzt_rule rules[KZT_RULES_MAX];
	const json_t *list;
	unsigned int n;
	json_t *doc;
	size_t size;
	char *text;

	text = read_text(file, &size);
	if (!text)
		return KZT_FAIL;
	text[size] = 0;
	doc = rules_of(file, text, size);
	free(text);
	if (!doc)
		return KZT_FAIL;
	list = json_is_array(doc) ? doc : json_object_get(doc, "rules");
	n = rules_json_list(list, rules, KZT_RULES_MAX);
	*len = kzt_rules_build(blob, room, rules, n);
	if (!json_is_array(list) || n != json_array_size(list)) {
		json_decref(doc);
		return kzt_fail("%s: not all of it are rules, or more than %d", file,
				KZT_RULES_MAX);
	}
	json_decref(doc);
	return *len < 0 ? kzt_fail("%s: these are too many rules", file) : KZT_OK;
}
