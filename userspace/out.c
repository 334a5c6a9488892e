// SPDX-License-Identifier: GPL-2.0
/* Words in and out: parsing arguments, printing values. */
#include "out.h"
#include "kzt.h"
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- arguments ---------------------------------------------------------------------- */

static bool hex_word(const char *word, size_t digits, uint64_t *v)
{
	if (strlen(word) != digits ||
	    strspn(word, "0123456789abcdefABCDEF") != digits)
		return false;
	*v = strtoull(word, NULL, 16);
	return true;
}

bool kzt_arg_address(const char *word, uint64_t *address)
{
	if (hex_word(word, 10, address) && *address && *address >> 32 < 0xff)
		return true;
	kzt_usage("\"%s\" is not an address: ten hexadecimal digits", word);
	return false;
}

bool kzt_arg_nwid(const char *word, uint64_t *nwid)
{
	if (hex_word(word, 16, nwid) && *nwid)
		return true;
	kzt_usage("\"%s\" is not a network id: 16 hexadecimal digits", word);
	return false;
}

bool kzt_arg_number(const char *key, const char *word, uint64_t max,
		    uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(word, &end, 0);
	if (*word >= '0' && *word <= '9' && !*end && !errno && *n <= max)
		return true;
	kzt_usage("%s: \"%s\" is not a number of 0 to %llu", key, word,
		  (unsigned long long)max);
	return false;
}

bool kzt_arg_seconds(const char *key, const char *word, uint64_t *ms)
{
	char *end;
	double s;

	s = strtod(word, &end);
	if (((*word >= '0' && *word <= '9') || *word == '.') && !*end &&
	    s >= 0.001 && s <= 1e9) {
		*ms = (uint64_t)(s * 1000);
		return true;
	}
	kzt_usage("%s: \"%s\" is not a number of seconds", key, word);
	return false;
}

bool kzt_arg_on_off(const char *key, const char *word, bool *on)
{
	*on = !strcmp(word, "on");
	if (*on || !strcmp(word, "off"))
		return true;
	kzt_usage("%s is on or off, not \"%s\"", key, word);
	return false;
}

bool kzt_arg_endpoint(const char *word, struct sockaddr_storage *ss,
		      size_t *len)
{
	if (kzt_parse_endpoint(word, ss, len))
		return true;
	kzt_usage("\"%s\" is not an endpoint: IP/PORT", word);
	return false;
}

bool kzt_arg_interface(const char *word, struct kzt_out_prefix *p)
{
	if (kzt_parse_address(word, p))
		return true;
	kzt_usage("\"%s\" is not an address with its prefix: IP/LENGTH", word);
	return false;
}

bool kzt_arg_prefix(const char *word, struct kzt_out_prefix *p)
{
	if (kzt_parse_prefix(word, p))
		return true;
	kzt_usage("\"%s\" is not a prefix: IP/LENGTH", word);
	return false;
}

const char *kzt_arg_value(int argc, char **argv, int *i)
{
	if (*i + 1 < argc)
		return argv[++*i];
	kzt_usage("\"%s\" needs a value", argv[*i]);
	return NULL;
}

int kzt_arg_surplus(const char *word)
{
	return kzt_usage("\"%s\" is not expected here", word);
}

/* --- the family --------------------------------------------------------------------- */

int kzt_out_open(struct kzt_nl *nl)
{
	int err = kzt_nl_open(nl);

	if (!err)
		return KZT_OK;
	kzt_fail("%s", nl->err[0] ? nl->err : strerror(-err));
	return err == -ENOENT ? KZT_ABSENT : KZT_FAIL;
}

int kzt_out_refused(const struct kzt_nl *nl, int err)
{
	/* Without words of the kernel's own it is the capability that lacks */
	if (err == -EPERM && (!nl->err[0] || !strcmp(nl->err, strerror(EPERM))))
		return kzt_fail("this needs CAP_NET_ADMIN in the network namespace");
	return kzt_fail("%s", nl->err[0] ? nl->err : strerror(-err));
}

struct nlmsghdr *kzt_out_begin(struct kzt_out_req *req, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(req->buf);
	struct genlmsghdr *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	g->cmd = cmd;
	g->version = KZT_GENL_VERSION;
	return nlh;
}

bool kzt_out_room(const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_len + 256 < sizeof(((struct kzt_out_req *)0)->buf))
		return true;
	kzt_usage("these are too many words");
	return false;
}

int kzt_out_talk(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	struct kzt_nl nl;
	int status, err;

	status = kzt_out_open(&nl);
	if (!status) {
		nlh->nlmsg_type = nl.family;
		nlh->nlmsg_seq = ++nl.seq;
		err = kzt_nl_talk(&nl, nlh, cb, data);
		if (err)
			status = kzt_out_refused(&nl, err);
		kzt_nl_close(&nl);
	}
	explicit_bzero(nlh, nlh->nlmsg_len);
	return status;
}

/* --- text ----------------------------------------------------------------------------- */

static bool on_terminal(void)
{
	static int tty = -1;

	if (tty < 0)
		tty = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	return tty;
}

const char *kzt_bold(void)
{
	return on_terminal() ? "\033[1m" : "";
}

const char *kzt_plain(void)
{
	return on_terminal() ? "\033[0m" : "";
}

static char *ring(void)
{
	static char bufs[8][32];
	static unsigned int next;

	return bufs[next++ % 8];
}

const char *kzt_text_bytes(uint64_t n)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
	double v = (double)n / 1024;
	unsigned int u = 0;
	char *out = ring();

	if (n < 1024) {
		snprintf(out, 32, "%u B", (unsigned int)n);
		return out;
	}
	for (; v >= 1024 && u < 4; u++)
		v /= 1024;
	snprintf(out, 32, "%.*f %s", v < 10 ? 1 : 0, v, units[u]);
	return out;
}

const char *kzt_text_ms(uint64_t us)
{
	char *out = ring();

	snprintf(out, 32, "%.*f ms", us < 1000 ? 2 : us < 100000 ? 1 : 0,
		 (double)us / 1000);
	return out;
}

const char *kzt_text_age(uint64_t ms)
{
	char *out = ring();
	unsigned long long s = ms / 1000;

	if (s < 120)
		snprintf(out, 32, "%llu.%llu s ago", s,
			 (unsigned long long)(ms % 1000 / 100));
	else if (s < 7200)
		snprintf(out, 32, "%llu min ago", s / 60);
	else
		snprintf(out, 32, "%llu h ago", s / 3600);
	return out;
}
