/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KZT_RHT_H
#define KZT_RHT_H

#include <linux/rhashtable.h>

/**
 * kzt_rht_lookup() - look an object up in a table
 * @ht: table
 * @key: key
 * @params: a constant, so that the look-up is compiled for it
 *
 * Readers are in RCU with BH off, which protects the object as well, but the
 * table's own checks know rcu_read_lock() only.
 *
 * Context: RCU of either kind.
 * Return: the object or NULL.
 */
#define kzt_rht_lookup(ht, key, params)					\
({									\
	void *obj_;							\
									\
	rcu_read_lock();						\
	obj_ = rhashtable_lookup(ht, key, params);			\
	rcu_read_unlock();						\
	obj_;								\
})

#endif /* KZT_RHT_H */
