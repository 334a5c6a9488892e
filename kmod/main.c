// SPDX-License-Identifier: GPL-2.0
/* Module init and exit, in order. */
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>
#include <uapi/linux/kzt.h>
#include "crypt.h"
#include "crypto/armor.h"
#include "local.h"
#include "netlink.h"
#include "network.h"
#include "node.h"
#include "object.h"

#ifdef KZT_SELFTEST
#include "selftest/agree.h"
#include "selftest/crypto.h"
#else
static inline int kzt_crypto_selftest(void) { return 0; }
static inline int kzt_agree_selftest(void) { return 0; }
#endif

static int __init kzt_init(void)
{
	int err;

	kzt_crypto_init();
	err = kzt_crypto_selftest();
	if (err)
		return err;
	err = kzt_crypt_module_init();
	if (err)
		return err;
	kzt_objects_init();
	err = kzt_agree_selftest();
	if (err)
		goto err_crypt;
	err = kzt_node_module_init();
	if (err)
		goto err_crypt;
	err = kzt_local_module_init();
	if (err)
		goto err_node;
	err = kzt_netdev_init();
	if (err)
		goto err_local;
	err = kzt_netlink_init();
	if (err)
		goto err_netdev;
	return 0;

err_netdev:
	kzt_netdev_exit();
err_local:
	kzt_local_module_exit();
err_node:
	kzt_node_module_exit();
err_crypt:
	kzt_objects_exit();
	kzt_crypt_module_exit();
	return err;
}

static void __exit kzt_exit(void)
{
	kzt_netlink_exit();
	kzt_netdev_exit();
	kzt_local_module_exit();
	kzt_node_module_exit();
	kzt_objects_exit();
	kzt_crypt_module_exit();
}

module_init(kzt_init);
module_exit(kzt_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("ZeroTier node: virtual Ethernet between peers");
MODULE_VERSION(KZT_VERSION);
MODULE_ALIAS_RTNL_LINK("kzt");
MODULE_ALIAS_GENL_FAMILY(KZT_GENL_NAME);
MODULE_SOFTDEP("pre: sha512 hmac");
