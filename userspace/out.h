/* SPDX-License-Identifier: GPL-2.0 */
/* Words in and out: parsing arguments, printing values. */
#ifndef KZT_OUT_H
#define KZT_OUT_H

#include "nl.h"
#include "words.h"
#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KZT_PRIX64 "%016llx"	/* a network id or world id */
#define KZT_PRIADDR "%010llx"	/* an address */

/* ---- arguments: false with one sentence on stderr ------------------------ */

bool kzt_arg_address(const char *word, uint64_t *address);
bool kzt_arg_nwid(const char *word, uint64_t *nwid);
bool kzt_arg_number(const char *key, const char *word, uint64_t max,
		    uint64_t *n);
/* Seconds with a fraction, more than nothing, as milliseconds */
bool kzt_arg_seconds(const char *key, const char *word, uint64_t *ms);
bool kzt_arg_on_off(const char *key, const char *word, bool *on);
/* IP/PORT, also IP:PORT and [IP6]:PORT */
bool kzt_arg_endpoint(const char *word, struct sockaddr_storage *ss,
		      size_t *len);
/* IP/LENGTH or IP; bits behind the length are cleared */
bool kzt_arg_prefix(const char *word, struct kzt_out_prefix *p);
/* The same with the bits behind the length, as an interface has them */
bool kzt_arg_interface(const char *word, struct kzt_out_prefix *p);
/* argv[*i] is the key: its value, or NULL with a sentence if there is none */
const char *kzt_arg_value(int argc, char **argv, int *i);
/* A word that no command takes; KZT_USAGE */
int kzt_arg_surplus(const char *word);

/* ---- the family, with its failures as exit status ------------------------- */

/* KZT_OK, or an exit status with its sentence printed */
int kzt_out_open(struct kzt_nl *nl);
/* What the last request was refused with: prints it, KZT_FAIL */
int kzt_out_refused(const struct kzt_nl *nl, int err);

/* A request is built before the family is asked for, so that wrong words are
 * told even without the module.
 */
struct kzt_out_req {
	char buf[8192] __attribute__((aligned(8)));
};

struct nlmsghdr *kzt_out_begin(struct kzt_out_req *req, uint8_t cmd);
/* Room for one more attribute of up to 256 bytes; a sentence if not */
bool kzt_out_room(const struct nlmsghdr *nlh);
/* Open, talk, close; exit status.  What was sent is wiped. */
int kzt_out_talk(struct nlmsghdr *nlh, mnl_cb_t cb, void *data);

/* ---- text ------------------------------------------------------------------ */

/* Bold on a terminal */
const char *kzt_bold(void);
const char *kzt_plain(void);
/* "1.2 GiB"; in a ring of static buffers */
const char *kzt_text_bytes(uint64_t n);
const char *kzt_text_ms(uint64_t us);
const char *kzt_text_age(uint64_t ms);
/* IP:PORT, [IP6]:PORT */
void kzt_text_sockaddr(const struct sockaddr *sa, size_t len, char *out,
		       size_t room);
/* Bytes of hexadecimal digits: 0, -EINVAL if they are none, -E2BIG beyond @max bytes */
int kzt_text_hex(const char *hex, uint8_t *out, size_t max, size_t *len);
/* Control characters become question marks: terminals and logs obey them */
void kzt_text_clean(char *text, size_t len);
#define KZT_ENDPOINT_MAX 80
/* IP:PORT and [IP6]:PORT as IP/PORT, what has no port as it is; returns @out */
const char *kzt_text_endpoint(const char *text, char out[KZT_ENDPOINT_MAX]);
/* IP/LENGTH, as the decoder writes it */
void kzt_text_prefix(const struct kzt_out_prefix *p, char *out, size_t room);
/* A member of an object as text, or @def; as a number, or @def */
const char *kzt_get_str(const json_t *o, const char *key, const char *def);
uint64_t kzt_get_int(const json_t *o, const char *key, uint64_t def);
bool kzt_get_bool(const json_t *o, const char *key);
/* Is the text in an array? */
bool kzt_has_word(const json_t *list, const char *word);

#endif /* KZT_OUT_H */
