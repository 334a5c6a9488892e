// SPDX-License-Identifier: GPL-2.0
/* kzt rules compile: from the rules language to the JSON of controllers. */
#include "kzt.h"
#include "rulec.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* All of a file, "-" for standard input; NULL with a sentence printed */
static char *read_text(const char *path, size_t *len)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *text = f ? malloc(RULEC_TEXT_MAX + 1) : NULL;

	if (!text) {
		kzt_fail("%s: %s", path, strerror(errno));
	} else {
		*len = fread(text, 1, RULEC_TEXT_MAX + 1, f);
		if (ferror(f)) {
			kzt_fail("%s: %s", path, strerror(errno));
			free(text);
			text = NULL;
		}
	}
	if (f && f != stdin)
		fclose(f);
	return text;
}

json_t *kzt_compile_rules(const char *path)
{
	struct rulec_error err;
	json_t *out = NULL;
	size_t len;
	char *text;

	text = read_text(path, &len);
	if (!text)
		return NULL;
	out = rulec_compile(text, len, &err);
	if (!out)
		kzt_fail("%s:%u:%u: %s", path, err.line, err.column, err.text);
	free(text);
	return out;
}

int cmd_rules_compile(int argc, char **argv)
{
	json_t *out;
	int err;

	if (argc != 2)
		return kzt_usage("rules compile needs a file, or - for standard input");
	out = kzt_compile_rules(argv[1]);
	if (!out)
		return KZT_FAIL;
	if (kzt_json)
		return kzt_print_json(out);
	err = json_dumpf(out, stdout, JSON_INDENT(2)) || putchar('\n') == EOF;
	json_decref(out);
	return err ? kzt_fail("cannot write the answer") : KZT_OK;
}
