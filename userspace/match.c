// SPDX-License-Identifier: GPL-2.0
/* Words that may be abbreviated. */
#include "match.h"
#include "kzt.h"
#include "out.h"
#include <string.h>

bool kzt_match(const char *word, const char *full)
{
	return *word && !strncmp(word, full, strlen(word));
}

static const char *name_at(const void *table, size_t stride, int i)
{
	return *(const char *const *)((const char *)table + (size_t)i * stride);
}

int kzt_match_table(const char *word, const void *table, size_t stride)
{
	int i, found = KZT_NO_WORD;
	const char *name;

	for (i = 0; (name = name_at(table, stride, i)); i++) {
		if (!strcmp(word, name))
			return i;
		if (kzt_match(word, name))
			found = found == KZT_NO_WORD ? i : KZT_AMBIGUOUS;
	}
	return found;
}

int kzt_match_told(const char *word, const void *table, size_t stride)
{
	char list[512] = "";
	size_t len = 0;
	const char *name;
	int i;

	for (i = 0; (name = name_at(table, stride, i)); i++)
		if (kzt_match(word, name) && len < sizeof(list))
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
						len ? ", " : "", name);
	return len ? kzt_usage("\"%s\" is ambiguous: %s", word, list) :
		     kzt_arg_surplus(word);
}

int kzt_arg_table(const char *word, const void *table, size_t stride)
{
	int i = kzt_match_table(word, table, stride);

	if (i < 0)
		kzt_match_told(word, table, stride);
	return i;
}

int kzt_arg_word(const char *word, const char *const *words)
{
	return kzt_arg_table(word, words, sizeof(*words));
}

int kzt_arg_choice(const char *key, const char *word, const char *const *words)
{
	int i = kzt_match_table(word, words, sizeof(*words)), k;
	char list[256] = "";
	size_t len = 0;

	if (i != KZT_NO_WORD)
		return i >= 0 ? i : kzt_arg_word(word, words);
	for (k = 0; words[k] && len < sizeof(list); k++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					!k ? "" : words[k + 1] ? ", " : " or ", words[k]);
	kzt_usage("%s is %s, not \"%s\"", key, list, word);
	return i;
}
