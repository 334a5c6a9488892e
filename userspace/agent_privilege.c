// SPDX-License-Identifier: GPL-2.0
/* Giving up what is not needed. */
#include "agent.h"
#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>

int agent_privileges(int first, int second)
{
	capng_select_t which = CAPNG_SELECT_CAPS;
	const capng_type_t sets = CAPNG_EFFECTIVE | CAPNG_PERMITTED;

	if (capng_get_caps_process())
		return -EPERM;
	/* The bounding set may be cut with CAP_SETPCAP only */
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		which = CAPNG_SELECT_BOTH;
	capng_clear(CAPNG_SELECT_BOTH);
	capng_update(CAPNG_ADD, sets, (unsigned int)first);
	if (second >= 0)
		capng_update(CAPNG_ADD, sets, (unsigned int)second);
	if (capng_apply(which))
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
