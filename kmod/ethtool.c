// SPDX-License-Identifier: GPL-2.0
/* ethtool -i and ethtool -S. */
#include <linux/ethtool.h>
#include "network.h"

/* Of the device: what happens to frames; the rest concerns the node only */
#define DEV_DROP_FIRST	KZT_DROP_NO_NETWORK
#define DEV_DROPS	(KZT_DROP_MAX - DEV_DROP_FIRST)
#define NODE_DROPS	(KZT_DROP_MAX - 1)	/* without NONE */

static const enum kzt_mib_item dev_items[] = {
	KZT_MIB_RX_FRAMES,
	KZT_MIB_TX_FRAMES,
};

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "kzt", sizeof(info->driver));
	strscpy(info->version, KZT_VERSION, sizeof(info->version));
}

static int get_sset_count(struct net_device *dev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return ARRAY_SIZE(dev_items) + DEV_DROPS + KZT_MIB_MAX + NODE_DROPS;
}

/* Dashes are the names' own; "node-" tells what is of all devices together */
static void get_strings(struct net_device *dev, u32 set, u8 *p)
{
	unsigned int i;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(dev_items); i++)
		ethtool_sprintf(&p, "%s", kzt_mib_names[dev_items[i]]);
	for (i = DEV_DROP_FIRST; i < KZT_DROP_MAX; i++)
		ethtool_sprintf(&p, "drop-%s", kzt_drop_names[i]);
	for (i = 0; i < KZT_MIB_MAX; i++)
		ethtool_sprintf(&p, "node-%s", kzt_mib_names[i]);
	for (i = 1; i < KZT_DROP_MAX; i++)
		ethtool_sprintf(&p, "node-drop-%s", kzt_drop_names[i]);
}

static u64 dev_sum(const struct kzt_network *nw, size_t offset)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*(unsigned long *)
				 ((u8 *)per_cpu_ptr(nw->mib, cpu) + offset));
	return sum;
}

static void get_stats(struct net_device *dev, struct ethtool_stats *stats,
		      u64 *data)
{
	struct kzt_network *nw = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dev_items); i++)
		*data++ = dev_sum(nw, offsetof(struct kzt_mib,
					       event[dev_items[i]]));
	for (i = DEV_DROP_FIRST; i < KZT_DROP_MAX; i++)
		*data++ = dev_sum(nw, offsetof(struct kzt_mib, drop[i]));
	for (i = 0; i < KZT_MIB_MAX; i++)
		*data++ = kzt_mib_sum_event(nw->node, i);
	for (i = 1; i < KZT_DROP_MAX; i++)
		*data++ = kzt_mib_sum_drop(nw->node, i);
}

const struct ethtool_ops kzt_ethtool_ops = {
	.get_drvinfo		= get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_sset_count		= get_sset_count,
	.get_strings		= get_strings,
	.get_ethtool_stats	= get_stats,
};
