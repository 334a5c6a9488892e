// SPDX-License-Identifier: GPL-2.0
/* What the controller asks of the agent, for tests of it alone. */
#include "../../userspace/agent.h"

/* No member lives in these programs */
void agent_packet_local(struct agent *a, uint8_t verb, const uint8_t *body,
			size_t len)
{
	(void)a;
	(void)verb;
	(void)body;
	(void)len;
}
