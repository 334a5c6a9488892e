/* SPDX-License-Identifier: GPL-2.0 */
/* zerotier-idtool, the second name of zerotier-cli. */
#ifndef KZT_IDTOOL_H
#define KZT_IDTOOL_H

/* Exit status: 0 done, 1 refused or wrong words */
int idtool(int argc, char **argv);

#endif /* KZT_IDTOOL_H */
