/* SPDX-License-Identifier: GPL-2.0 */
/* Which words may come next: what completion/kzt asks for. */
#ifndef KZT_COMPLETE_H
#define KZT_COMPLETE_H

#include <stddef.h>

/* Print a word if it begins with @begin */
void kzt_offer(const char *name, size_t len, const char *begin);
/* Words that may stand at the last place of argv, by the usage of a command */
void kzt_complete_usage(const char *usage, int argc, char **argv);
/* Take the options in front away, entering the namespace of -n; argv[0] is not
 * looked at.  What is left of argc; 0 if an option is being completed.
 */
int kzt_complete_options(int argc, char **argv);

#endif /* KZT_COMPLETE_H */
