/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands of kzt controller share. */
#ifndef KZT_CMD_CONTROLLER_H
#define KZT_CMD_CONTROLLER_H

#include "kzt.h"
#include <stdint.h>

#define API_PATH_MAX 128

int cmd_controller_network(int argc, char **argv);
int cmd_controller_member(int argc, char **argv);
int kzt_controller_import(int argc, char **argv);

/**
 * struct api_key - a word that sets a field of an object
 * @word: on the command line; an abbreviation is enough
 * @set: puts the value into the object that is posted; an exit status
 */
struct api_key {
	const char *word;
	int (*set)(json_t *o, const char *key, const char *value);
	const char *field;
};

/* Words and values from argv[i] on into @o */
int api_keys(const struct api_key *keys, json_t *o, int argc, char **argv, int i);
/* Values for struct api_key; what may come several times gathers in an array,
 * which "none" leaves empty
 */
int api_text(json_t *o, const char *field, const char *value);
int api_bool(json_t *o, const char *field, const char *value);
int api_number(json_t *o, const char *field, const char *value);
json_t *api_list(json_t *o, const char *field, const char *value);

const char *api_str(const json_t *o, const char *key);

#endif /* KZT_CMD_CONTROLLER_H */
