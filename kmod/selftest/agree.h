/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_SELFTEST_AGREE_H
#define KZT_SELFTEST_AGREE_H

int kzt_agree_selftest(void);

#endif /* KZT_SELFTEST_AGREE_H */
