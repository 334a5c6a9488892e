/* SPDX-License-Identifier: GPL-2.0 */
/* Which addresses and routes a member gets (spec 4.12.4, 4 and 5). */
#ifndef KZT_CONTROLLER_ADDRESS_H
#define KZT_CONTROLLER_ADDRESS_H

#include "controller_object.h"
#include "netconf.h"

/* Does any member have it?  Or a negative errno */
typedef int (*controller_taken_fn)(void *arg, const char *ip);

/* The routes that can be read, at most KZT_CONFIG_MAX_ROUTES */
unsigned int controller_routes(const json_t *network, struct kzt_config_route *route);

/*
 * Fill in routes, addresses and KZT_CONFIG_NDP of @conf.  A new address from a
 * pool is added to the member's ipAssignments.  0, or what @taken failed with.
 */
int controller_addresses(struct kzt_config *conf, const json_t *network,
			 json_t *member, controller_taken_fn taken, void *arg);
/* Will controller_addresses() look for a free address? */
bool controller_wants_address(const json_t *network, const json_t *member);

#endif /* KZT_CONTROLLER_ADDRESS_H */
