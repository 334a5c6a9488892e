// SPDX-License-Identifier: GPL-2.0
/* Reader of the test vectors, see vec.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "tap.h"
#include "vec.h"

struct vec_pair {
	const char *key;
	const char *value;
};

struct vec_file {
	char *text;	/* the whole file; lines are cut apart in place */
	char *next;	/* where the next block is looked for */
	unsigned int line_no;	/* of @next */
	unsigned int block_line;
	struct vec_pair *pairs;	/* the current block */
	size_t count;
	size_t room;
	char *name;
	int tests;	/* results before the current block */
	bool ran;
};

static char *vec_slurp(const char *path)
{
	size_t len = 0, room = 65536, got;
	char *text = malloc(room);
	FILE *in = fopen(path, "rb");

	if (!in || !text)
		goto err;
	while ((got = fread(text + len, 1, room - len - 1, in)) > 0) {
		char *bigger;

		len += got;
		if (room - len > 1)
			continue;
		bigger = realloc(text, room * 2);
		if (!bigger)
			goto err;
		text = bigger;
		room *= 2;
	}
	if (ferror(in))
		goto err;
	fclose(in);
	text[len] = '\0';
	return text;

err:
	perror(path);
	if (in)
		fclose(in);
	free(text);
	return NULL;
}

struct vec_file *vec_open(const char *path)
{
	struct vec_file *f = calloc(1, sizeof(*f));

	if (!f) {
		perror(path);
		return NULL;
	}
	f->text = vec_slurp(path);
	if (!f->text) {
		free(f);
		return NULL;
	}
	f->next = f->text;
	f->line_no = 1;
	f->name = strrchr(path, '/') ? strdup(strrchr(path, '/') + 1) : strdup(path);
	if (!f->name) {
		perror(path);
		exit(1);
	}
	return f;
}

struct vec_file *vec_open_at(const char *dir, const char *name)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		fprintf(stderr, "%s/%s: name too long\n", dir, name);
		return NULL;
	}
	return vec_open(path);
}

static char *vec_trim(char *s)
{
	size_t len;

	while (isspace((unsigned char)*s))
		s++;
	len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
	return s;
}

static void vec_add(struct vec_file *f, char *line)
{
	char *eq = strchr(line, '=');
	struct vec_pair *p;

	if (f->count == f->room) {
		f->room = f->room ? f->room * 2 : 16;
		p = realloc(f->pairs, f->room * sizeof(*p));
		if (!p) {
			perror("vec");
			exit(1);
		}
		f->pairs = p;
	}
	p = &f->pairs[f->count++];
	if (eq) {
		*eq = '\0';
		p->key = vec_trim(line);
		p->value = vec_trim(eq + 1);
	} else {
		p->key = "";
		p->value = line;
	}
}

void vec_ran(struct vec_file *f)
{
	f->ran = true;
}

/* For vectors-ran.sh, after the last test */
static void vec_note(const struct vec_file *f)
{
	const char *path = getenv("KZT_VECTORS_RAN");
	FILE *out;

	if (!path || !f->count || (!f->ran && tap_count == f->tests))
		return;
	out = fopen(path, "a");
	if (!out || fprintf(out, "%s %u\n", f->name, f->block_line) < 0 ||
	    fclose(out)) {
		perror(path);
		exit(1);
	}
}

bool vec_next_block(struct vec_file *f)
{
	vec_note(f);
	f->count = 0;
	f->tests = tap_count;
	f->ran = false;
	while (*f->next) {
		char *line = f->next, *end = strchr(line, '\n');

		if (end) {
			*end = '\0';
			f->next = end + 1;
		} else {
			f->next = line + strlen(line);
		}
		f->line_no++;
		line = vec_trim(line);
		if (*line == '#')
			continue;
		if (!*line) {
			if (f->count)
				break;
			continue;
		}
		if (!f->count)
			f->block_line = f->line_no - 1;
		vec_add(f, line);
	}
	return f->count > 0;
}

unsigned int vec_block_line(const struct vec_file *f)
{
	return f->block_line;
}

const char *vec_str(const struct vec_file *f, const char *key)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (!strcmp(f->pairs[i].key, key))
			return f->pairs[i].value;
	return NULL;
}

bool vec_is(const struct vec_file *f, const char *key, const char *want)
{
	const char *value = vec_str(f, key);

	return value && !strcmp(value, want);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool vec_unhex(const char *hex, u8 *buf, size_t max, size_t *len)
{
	size_t n = 0;

	for (; hex[0]; hex += 2, n++) {
		int hi = hex_digit(hex[0]);
		int lo = hi < 0 ? -1 : hex_digit(hex[1]);

		if (lo < 0 || n == max)
			return false;
		buf[n] = (u8)(hi << 4 | lo);
	}
	*len = n;
	return true;
}

bool vec_hex(const struct vec_file *f, const char *key, u8 *buf, size_t max,
	     size_t *len)
{
	const char *value = vec_str(f, key);

	return value && vec_unhex(value, buf, max, len);
}

bool vec_hex_exact(const struct vec_file *f, const char *key, u8 *buf,
		   size_t len)
{
	size_t got;

	return vec_hex(f, key, buf, len, &got) && got == len;
}

u64 vec_u64(const struct vec_file *f, const char *key, u64 def)
{
	const char *value = vec_str(f, key);
	unsigned long long n;
	bool hex;
	char *end;

	if (!value)
		return def;
	hex = value[0] == '0' && (value[1] == 'x' || value[1] == 'X');
	errno = 0;
	n = strtoull(value, &end, hex ? 16 : 10);
	return end == value || *end || errno ? def : n;
}

bool vec_line(const struct vec_file *f, size_t i, const char **key,
	      const char **value)
{
	if (i >= f->count)
		return false;
	*key = f->pairs[i].key;
	*value = f->pairs[i].value;
	return true;
}

void vec_close(struct vec_file *f)
{
	if (!f)
		return;
	vec_note(f);
	free(f->name);
	free(f->pairs);
	free(f->text);
	free(f);
}
