/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two sides that agree on a path (spec 3, 3.20.13), where both choose one by what
 * they measure.  Pure.
 */
#ifndef KZT_AGREE_H
#define KZT_AGREE_H

#include "env.h"

#define KZT_AGREE_MS		15000	/* between two looks at the frames */
#define KZT_AGREE_TRIES		3
#define KZT_AGREE_PAUSE_MS	60000	/* after so many requests in vain */

/**
 * struct kzt_agree - what was asked for and agreed on
 * @looked_ms: when the frames of both directions were compared last; 0 for never
 * @pause_ms: no request before
 * @tries: requests in a row
 * @asks: a request is to be sent, over @ask_id
 * @agreed: the other side asked for @agreed_id, and may have it
 * @utility: of the request
 * @ask_id: path
 * @agreed_id: path
 *
 * All zeros to begin with.
 */
struct kzt_agree {
	u64 looked_ms;
	u64 pause_ms;
	u8 tries;
	bool asks;
	bool agreed;
	s16 utility;
	u32 ask_id;
	u32 agreed_id;
};

#endif /* KZT_AGREE_H */
