/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place with a version test; force-included by Kbuild.  The rest is
 * written for 6.12.
 */
#ifndef KZT_COMPAT_H
#define KZT_COMPAT_H

#include <linux/netdevice.h>
#include <linux/version.h>
#include <net/genetlink.h>

/* 6.12 made NETIF_F_LLTX a bit of the device */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define kzt_netdev_set_lltx(dev) ((dev)->features |= NETIF_F_LLTX)
#else
#define kzt_netdev_set_lltx(dev) ((dev)->lltx = true)
#endif

/* 6.5 moved segmentation out of netdevice.h */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* 6.7 put the attributes of a dump into its struct genl_info */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define kzt_dump_attrs(cb) (genl_info_dump(cb)->attrs)
#else
#define kzt_dump_attrs(cb) (genl_dumpit_info(cb)->attrs)
#endif

/* 6.3 let extended ACKs be formatted: before, a plain sentence has to do */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define kzt_err_msg_fmt(extack, plain, fmt, ...) \
	NL_SET_ERR_MSG_FMT(extack, fmt, ##__VA_ARGS__)
#else
#define kzt_err_msg_fmt(extack, plain, fmt, ...) NL_SET_ERR_MSG(extack, plain)
#endif

#endif /* KZT_COMPAT_H */
