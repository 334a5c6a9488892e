/* SPDX-License-Identifier: GPL-2.0 */
/* What kztd(8) is started with. */
#ifndef KZT_AGENT_OPTIONS_H
#define KZT_AGENT_OPTIONS_H

#include "agent.h"

#define AGENT_STATE_DIR "/var/lib/kzt"
#define AGENT_SOCKET_PATH "/run/kzt/kztd.sock"

struct agent_options {
	bool foreground, no_controller;
	const char *state, *netns, *socket, *config;
	struct agent_controller_options controller;
};

/* AGENT_OK, or AGENT_USAGE with a sentence on stderr; --help ends the program */
int agent_options_parse(int argc, char **argv, struct agent_options *o);

#endif /* KZT_AGENT_OPTIONS_H */
