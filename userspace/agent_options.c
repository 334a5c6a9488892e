// SPDX-License-Identifier: GPL-2.0
/* The command line of kztd(8). */
#include "agent_options.h"
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: kztd [--foreground] [--config FILE] [--state DIR] [--netns NS]\n"
	"            [--socket PATH] [--database URL] [--http [IP:]PORT]\n"
	"            [--no-controller]\n"
	"  --foreground   stay in the foreground and write messages to stderr\n"
	"  --config FILE  settings, static peers, networks; " AGENT_CONF_DIR "/kzt.conf if\n"
	"                 not given, " AGENT_CONF_DIR "/NS.conf with --netns\n"
	"  --state DIR    identity, worlds and networks; " AGENT_STATE_DIR " if not given,\n"
	"                 " AGENT_STATE_DIR "/NS with --netns\n"
	"  --netns NS     serve the namespace NS of /run/netns\n"
	"  --socket PATH  listen there, too; " AGENT_SOCKET_PATH " if not given and\n"
	"                 this is the initial namespace\n"
	"  --database URL the controller's networks: postgresql://... or a file;\n"
	"                 controller.db in the state directory if not given\n"
	"  --http [IP:]PORT  serve the local API over TCP, too, on a loopback\n"
	"                 address, to those who have the token authtoken.secret\n"
	"  --no-controller   serve no networks of this node's own\n";

/* Nothing but loopback: who may connect from afar is not for a token to say */
static bool parse_http(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	const char *colon = strrchr(text, ':'), *port = colon ? colon + 1 : text;
	char ip[INET6_ADDRSTRLEN] = "127.0.0.1", *end;
	unsigned long n = strtoul(port, &end, 10);
	size_t len = colon ? (size_t)(colon - text) : 0;
	int skip = *text == '[' && len > 1 && text[len - 1] == ']';

	if (*port < '0' || *port > '9' || *end || !n || n > 65535 || len >= sizeof(ip))
		return false;
	if (colon)
		snprintf(ip, sizeof(ip), "%.*s", (int)len - 2 * skip, text + skip);
	if (inet_pton(AF_INET, ip, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)n);
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)n);
	return inet_pton(AF_INET6, ip, &in6->sin6_addr) == 1 &&
	       IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

int agent_options_parse(int argc, char **argv, struct agent_options *o)
{
	static const struct option longopts[] = {
		{ "foreground", no_argument, NULL, 'f' },
		{ "config", required_argument, NULL, 'c' },
		{ "state", required_argument, NULL, 's' },
		{ "netns", required_argument, NULL, 'n' },
		{ "socket", required_argument, NULL, 'S' },
		{ "database", required_argument, NULL, 'd' },
		{ "http", required_argument, NULL, 'H' },
		{ "no-controller", no_argument, NULL, 'N' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "fc:s:n:hV", longopts, NULL)) != -1) {
		switch (c) {
		case 'f':
			o->foreground = true;
			break;
		case 'c':
			o->config = optarg;
			break;
		case 's':
			o->state = optarg;
			break;
		case 'n':
			o->netns = optarg;
			break;
		case 'S':
			o->socket = optarg;
			break;
		case 'd':
			o->controller.database = optarg;
			break;
		case 'H':
			if (parse_http(optarg, &o->controller.tcp))
				break;
			fprintf(stderr, "kztd: \"%s\" is not [IP:]PORT on loopback\n", optarg);
			return AGENT_USAGE;
		case 'N':
			o->no_controller = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(AGENT_OK);
		case 'V':
			puts("kztd " KZT_TOOL_VERSION);
			exit(AGENT_OK);
		default:
			fputs(usage, stderr);
			return AGENT_USAGE;
		}
	}
	if (optind < argc)
		fprintf(stderr, "kztd: \"%s\" is not expected here\n", argv[optind]);
	if (optind < argc || (o->netns && (!*o->netns || strchr(o->netns, '/') ||
					   *o->netns == '.'))) {
		fputs(usage, stderr);
		return AGENT_USAGE;
	}
	return AGENT_OK;
}
