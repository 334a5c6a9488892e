// SPDX-License-Identifier: GPL-2.0
/* MAC addresses learned behind remote bridges (spec 4.3.3). */
#include <linux/slab.h>
#include "network.h"
#include "object.h"

/**
 * struct fdb_entry - behind which bridge a MAC address is
 * @hash_node: in network->fdb
 * @mac: key
 * @list: in network->fdb_list; fdb_lock
 * @address: of the bridge; READ_ONCE
 * @rcu: frees it
 */
struct fdb_entry {
	struct rhash_head hash_node;
	u8 mac[ETH_ALEN];
	struct list_head list;
	u64 address;
	struct rcu_head rcu;
};

static const struct rhashtable_params fdb_params = {
	.key_len = ETH_ALEN,
	.key_offset = offsetof(struct fdb_entry, mac),
	.head_offset = offsetof(struct fdb_entry, hash_node),
	.automatic_shrinking = true,
};

/**
 * kzt_fdb_init() - make a network's table of bridge routes
 * @nw: network
 *
 * Return: 0 or a negative errno.
 */
int kzt_fdb_init(struct kzt_network *nw)
{
	spin_lock_init(&nw->fdb_lock);
	INIT_LIST_HEAD(&nw->fdb_list);
	return rhashtable_init(&nw->fdb, &fdb_params);
}

static void fdb_free(void *ptr, void *arg)
{
	kfree(ptr);
	kzt_gone(FDB);
}

/**
 * kzt_fdb_free() - undo kzt_fdb_init(), with all entries
 * @nw: network; nobody looks at it any more
 */
void kzt_fdb_free(struct kzt_network *nw)
{
	rhashtable_free_and_destroy(&nw->fdb, fdb_free, NULL);
}

static void fdb_remove(struct kzt_network *nw, struct fdb_entry *e)
{
	rhashtable_remove_fast(&nw->fdb, &e->hash_node, fdb_params);
	list_del(&e->list);
	nw->n_fdb--;
	kfree_rcu(e, rcu);
	kzt_gone(FDB);
}

/* Index among the active bridges, or their number for a former one */
static unsigned int fdb_bridge(const struct kzt_netconf *conf,
			       const struct fdb_entry *e)
{
	unsigned int i;

	for (i = 0; i < conf->n_bridges; i++)
		if (conf->bridge[i] == e->address)
			break;
	return i;
}

/*
 * Full: those of former bridges go, and if that does not help those of the
 * bridge that has most, as the reference does.
 */
static void fdb_evict(struct kzt_network *nw, const struct kzt_netconf *conf)
{
	unsigned int count[KZT_BRIDGES_MAX + 1] = { 0 }, most = 0, i;
	struct fdb_entry *e, *next;

	list_for_each_entry(e, &nw->fdb_list, list)
		count[fdb_bridge(conf, e)]++;
	for (i = 1; i < conf->n_bridges; i++)
		if (count[i] > count[most])
			most = i;
	if (count[conf->n_bridges])
		most = conf->n_bridges;
	list_for_each_entry_safe(e, next, &nw->fdb_list, list)
		if (fdb_bridge(conf, e) == most)
			fdb_remove(nw, e);
}

static void fdb_add_locked(struct kzt_network *nw,
			   const struct kzt_netconf *conf, const u8 *mac,
			   u64 address)
{
	struct fdb_entry *e;

	if (nw->n_fdb >= KZT_FDB_MAX)
		fdb_evict(nw, conf);
	e = kzalloc(sizeof(*e), GFP_ATOMIC);
	if (!e)
		return;
	ether_addr_copy(e->mac, mac);
	e->address = address;
	if (rhashtable_lookup_insert_fast(&nw->fdb, &e->hash_node,
					  fdb_params)) {
		kfree(e);	/* another CPU was first */
		return;
	}
	list_add_tail(&e->list, &nw->fdb_list);
	nw->n_fdb++;
	kzt_born(FDB);
}

/**
 * kzt_fdb_learn() - a frame with this source came from a bridge
 * @nw: network
 * @conf: its configuration
 * @mac: source address, aligned as in struct kzt_eth
 * @address: of the sender, an active bridge
 *
 * Implements: spec 4.3.3.  The newest wins.
 * Context: BH off, RCU.
 */
void kzt_fdb_learn(struct kzt_network *nw, const struct kzt_netconf *conf,
		   const u8 *mac, u64 address)
{
	struct fdb_entry *e = rhashtable_lookup(&nw->fdb, mac, fdb_params);

	if (likely(e)) {
		if (READ_ONCE(e->address) != address)
			WRITE_ONCE(e->address, address);
		return;
	}
	spin_lock(&nw->fdb_lock);
	fdb_add_locked(nw, conf, mac, address);
	spin_unlock(&nw->fdb_lock);
}

/**
 * kzt_fdb_find() - behind which bridge is a MAC address
 * @nw: network
 * @mac: address
 *
 * Context: RCU.
 * Return: the bridge, which may have been one only once, or 0.
 */
u64 kzt_fdb_find(struct kzt_network *nw, const u8 *mac)
{
	struct fdb_entry *e = rhashtable_lookup(&nw->fdb, mac, fdb_params);

	return e ? READ_ONCE(e->address) : 0;
}
