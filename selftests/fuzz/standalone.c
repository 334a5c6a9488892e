// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a fuzz target over files and directories of inputs, with any compiler,
 * so that what a fuzzer once found stays found.  Each input is also cut off in
 * many places and changed in single bytes, always in the same way.
 *
 * usage: fuzz_NAME FILE-OR-DIRECTORY...
 */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "../unit/tap.h"

#define MOST_BYTES	65536
/* At most so many places in one input */
#define PLACES		512

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static char current[4096 + 64];
static unsigned long runs;

/* Says which input it was; the sanitizers abort (see the Makefile). */
static void on_abort(int sig)
{
	static const char text[] = "# died of: ";

	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0 ||
	    write(STDOUT_FILENO, current, strlen(current)) < 0 ||
	    write(STDOUT_FILENO, "\n", 1) < 0)
		_exit(1);
	signal(sig, SIG_DFL);
	raise(sig);
}

/* In a block of just its length, so that a read of one byte more is seen. */
static void run(const u8 *data, size_t size)
{
	u8 *copy = malloc(size ?: 1);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	runs++;
}

static void run_variants(u8 *data, size_t size, const char *path)
{
	static const u8 flips[] = { 0x01, 0x80, 0xff };
	size_t step = size / PLACES + 1, at;
	unsigned int i;

	snprintf(current, sizeof(current), "%s", path);
	run(data, size);
	for (at = 0; at < size; at += step) {
		snprintf(current, sizeof(current), "%s, first %zu bytes", path, at);
		run(data, at);
		for (i = 0; i < sizeof(flips); i++) {
			snprintf(current, sizeof(current),
				 "%s, byte %zu xor %02x", path, at, flips[i]);
			data[at] ^= flips[i];
			run(data, size);
			data[at] ^= flips[i];
		}
	}
}

static bool run_file(const char *path)
{
	static u8 data[MOST_BYTES];
	FILE *f = fopen(path, "rb");
	size_t size;
	bool whole;

	if (!f) {
		diag("%s: %s", path, strerror(errno));
		return false;
	}
	size = fread(data, 1, sizeof(data), f);
	whole = !ferror(f) && (size < sizeof(data) || fgetc(f) == EOF);
	fclose(f);
	if (!whole) {
		diag("%s: cannot be read, or is too long", path);
		return false;
	}
	run_variants(data, size, path);
	return true;
}

/* Returns the number of inputs run, negative if one could not be. */
static int run_directory(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort), i, count = 0;

	if (n < 0) {
		diag("%s: %s", path, strerror(errno));
		return -1;
	}
	for (i = 0; i < n; i++) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && count >= 0)
			count = run_file(file) ? count + 1 : -1;
		free(names[i]);
	}
	free(names);
	return count;
}

int main(int argc, char **argv)
{
	int i;

	signal(SIGABRT, on_abort);
	signal(SIGSEGV, on_abort);
	snprintf(current, sizeof(current), "no input at all");
	run(NULL, 0);
	for (i = 1; i < argc; i++) {
		struct stat st;
		int count;

		runs = 0;
		if (!stat(argv[i], &st) && S_ISDIR(st.st_mode))
			count = run_directory(argv[i]);
		else
			count = run_file(argv[i]) ? 1 : -1;
		ok(count > 0, "%s: %d inputs, %lu variants", argv[i], count, runs);
	}
	return tap_done();
}
