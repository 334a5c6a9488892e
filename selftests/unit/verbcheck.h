/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Takes a packet apart with the parsers of proto/verbs.h and puts it together
 * again with the builders.
 */
#ifndef KZT_UNIT_VERBCHECK_H
#define KZT_UNIT_VERBCHECK_H

#include "verbs.h"

/*
 * Rebuilds @pkt into @w, from which its header is copied.  Returns false if it
 * does not parse.  *@upto is how many bytes a rebuilt packet must share with the
 * original: less than all only where senders may leave parts out.
 */
bool verbcheck_rebuild(const u8 *pkt, size_t len, struct kzt_wcur *w,
		       size_t *upto);

#endif /* KZT_UNIT_VERBCHECK_H */
