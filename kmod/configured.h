/* SPDX-License-Identifier: GPL-2.0 */
/* Members that this node, a controller, gave a configuration lately. */
#ifndef KZT_CONFIGURED_H
#define KZT_CONFIGURED_H

#include <linux/types.h>

struct kzt_node;

/* A payload that the agent has sent: note it if it carries a configuration */
void kzt_configured_note(struct kzt_node *node, u64 address, u8 verb,
			 const u8 *payload, size_t len);
bool kzt_configured(struct kzt_node *node, u64 address, u64 nwid);
void kzt_configured_free(struct kzt_node *node);

#endif /* KZT_CONFIGURED_H */
