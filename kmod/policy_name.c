// SPDX-License-Identifier: GPL-2.0
/* Policies in words, their defaults and their limits. */
#include "policy.h"

static const char *const mode_name[KZT_POLICY_MODES] = {
	[KZT_POLICY_NONE]		= "none",
	[KZT_POLICY_RANDOM]		= "random",
	[KZT_POLICY_PROPORTIONAL]	= "proportional",
	[KZT_POLICY_MANUAL]		= "manual",
	[KZT_POLICY_ACTIVE_BACKUP]	= "active-backup",
	[KZT_POLICY_BROADCAST]		= "broadcast",
	[KZT_POLICY_BALANCE_RR]		= "balance-rr",
	[KZT_POLICY_BALANCE_XOR]	= "balance-xor",
	[KZT_POLICY_BALANCE_AWARE]	= "balance-aware",
};

static const char *const reselect_name[KZT_RESELECTS] = {
	[KZT_RESELECT_ALWAYS]		= "always",
	[KZT_RESELECT_BETTER]		= "better",
	[KZT_RESELECT_FAILURE]		= "failure",
	[KZT_RESELECT_OPTIMIZE]		= "optimize",
};

static const char *const ipver_name[KZT_IPVERS] = {
	[KZT_IPVER_ANY]			= "any",
	[KZT_IPVER_4]			= "4",
	[KZT_IPVER_6]			= "6",
	[KZT_IPVER_46]			= "46",
	[KZT_IPVER_64]			= "64",
};

static const char *const why_text[KZT_WHYS] = {
	[KZT_WHY_BEST]			= "best quality",
	[KZT_WHY_SHARE]			= "carries its share",
	[KZT_WHY_COPY]			= "carries a copy of everything",
	[KZT_WHY_ACTIVE]		= "active",
	[KZT_WHY_AGREED]		= "active, as the peer asked for",
	[KZT_WHY_PINNED]		= "pinned",
	[KZT_WHY_LAST]			= "silent, but nothing better is left",
	[KZT_WHY_WORSE]			= "another is better",
	[KZT_WHY_STANDBY]		= "stands by",
	[KZT_WHY_SPARE]			= "spare, not needed",
	[KZT_WHY_OTHER_PINNED]		= "another is pinned",
	[KZT_WHY_WEIGHT]		= "weight or quality is zero",
	[KZT_WHY_AVOIDED]		= "exceeds a quality limit",
	[KZT_WHY_TRIAL]			= "measured without load",
	[KZT_WHY_UP_DELAY]		= "came back, waits for the up delay",
	[KZT_WHY_CAPPED]		= "more than the caps allow",
	[KZT_WHY_FAMILY]		= "its link prefers the other IP version",
	[KZT_WHY_LINK]			= "its interface is not in the policy",
	[KZT_WHY_SILENT]		= "silent for the fail-over interval",
	[KZT_WHY_DOWN]			= "interface or address is down",
	[KZT_WHY_EXPIRED]		= "expired",
	[KZT_WHY_DENIED]		= "denied",
};

static const char *const inert_text[KZT_INERTS] = {
	[KZT_INERT_NOT]			= "in force",
	[KZT_INERT_NO_LEG]		= "no usable path",
	[KZT_INERT_ONE_LEG]		= "only one path is known",
	[KZT_INERT_LINK]		= "a link has no path",
	[KZT_INERT_UPSTREAM]		= "the peer is a root",
};

static const char *name_of(const char *const *table, unsigned int n,
			   unsigned int i)
{
	return i < n ? table[i] : "unknown";
}

static int number_of(const char *const *table, unsigned int n, const char *name)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(table[i], name))
			return i;
	return -EINVAL;
}

/**
 * kzt_policy_name() - a mode's name
 * @mode: enum kzt_policy_mode
 *
 * Return: the name, as the command line has it; never NULL.
 */
const char *kzt_policy_name(unsigned int mode)
{
	return name_of(mode_name, KZT_POLICY_MODES, mode);
}

/**
 * kzt_policy_mode_by_name() - the mode of a name
 * @name: name
 *
 * Return: enum kzt_policy_mode, or -EINVAL.
 */
int kzt_policy_mode_by_name(const char *name)
{
	return number_of(mode_name, KZT_POLICY_MODES, name);
}

/**
 * kzt_policy_reselect_name() - a reselection method's name
 * @reselect: enum kzt_policy_reselect
 *
 * Return: the name; never NULL.
 */
const char *kzt_policy_reselect_name(unsigned int reselect)
{
	return name_of(reselect_name, KZT_RESELECTS, reselect);
}

/**
 * kzt_policy_reselect_by_name() - the reselection method of a name
 * @name: name
 *
 * Return: enum kzt_policy_reselect, or -EINVAL.
 */
int kzt_policy_reselect_by_name(const char *name)
{
	return number_of(reselect_name, KZT_RESELECTS, name);
}

/**
 * kzt_policy_ipver_name() - the name of a preference of IP versions
 * @ipver: enum kzt_link_ipver
 *
 * Return: the name; never NULL.
 */
const char *kzt_policy_ipver_name(unsigned int ipver)
{
	return name_of(ipver_name, KZT_IPVERS, ipver);
}

/**
 * kzt_policy_ipver_by_name() - the preference of IP versions of a name
 * @name: name
 *
 * Return: enum kzt_link_ipver, or -EINVAL.
 */
int kzt_policy_ipver_by_name(const char *name)
{
	return number_of(ipver_name, KZT_IPVERS, name);
}

/**
 * kzt_leg_why_text() - why a leg has the share it has, in words
 * @why: enum kzt_leg_why
 *
 * Return: a few words; never NULL.
 */
const char *kzt_leg_why_text(unsigned int why)
{
	return name_of(why_text, KZT_WHYS, why);
}

/**
 * kzt_policy_inert_text() - why a policy is inert, in words
 * @why: enum kzt_policy_inert
 *
 * Return: a few words; never NULL.
 */
const char *kzt_policy_inert_text(unsigned int why)
{
	return name_of(inert_text, KZT_INERTS, why);
}

/**
 * kzt_policy_conf_init() - the defaults
 * @conf: filled
 * @mode: enum kzt_policy_mode
 */
void kzt_policy_conf_init(struct kzt_policy_conf *conf, u8 mode)
{
	unsigned int i;

	memset(conf, 0, sizeof(*conf));
	conf->mode = mode;
	conf->failover_ms = KZT_FAILOVER_MS;
	conf->dwell_ms = KZT_DWELL_MS;
	conf->hysteresis_ppm = KZT_HYSTERESIS_PPM;
	conf->packets_per_link = KZT_PACKETS_PER_LINK;
	conf->limits.latency_us = KZT_LATENCY_MAX_US;
	conf->limits.jitter_us = KZT_JITTER_MAX_US;
	conf->limits.loss_ppm = KZT_LOSS_MAX_PPM;
	conf->limits.error_ppm = KZT_ERROR_MAX_PPM;
	for (i = 0; i < ARRAY_SIZE(conf->limits.weight_ppm); i++)
		conf->limits.weight_ppm[i] = KZT_PPM / 4;
}

static const char *limits_check(const struct kzt_quality_limits *lim)
{
	u64 sum = 0;
	unsigned int i;

	if (!lim->latency_us || !lim->jitter_us || !lim->loss_ppm ||
	    !lim->error_ppm)
		return "a quality limit is zero";
	if (lim->loss_ppm > KZT_PPM || lim->error_ppm > KZT_PPM)
		return "a loss or error limit is greater than the whole";
	for (i = 0; i < ARRAY_SIZE(lim->weight_ppm); i++)
		sum += lim->weight_ppm[i];
	if (sum <= KZT_PPM / 100 * 99 || sum >= KZT_PPM / 100 * 101)
		return "the quality weights do not add up to the whole";
	return NULL;
}

static const char *links_check(const struct kzt_policy_conf *conf)
{
	const struct kzt_policy_link *l;
	unsigned int i, j;

	if (conf->n_links > KZT_POLICY_LINKS)
		return "too many links";
	for (i = 0; i < conf->n_links; i++) {
		l = &conf->link[i];
		if (l->ipver >= KZT_IPVERS)
			return "unknown preference of IP versions";
		if (l->failover_to && l->failover_to == l->ifindex)
			return "a link cannot fail over to itself";
		if (l->failover_to && !l->primary)
			return "only a primary link can name another to fail over to";
		for (j = 0; j < i; j++)
			if (l->ifindex && conf->link[j].ifindex == l->ifindex)
				return "a link is given twice";
	}
	return NULL;
}

/**
 * kzt_policy_conf_check() - can this be a policy?
 * @conf: configuration
 *
 * Return: NULL if so; else what is wrong, for the user.
 */
const char *kzt_policy_conf_check(const struct kzt_policy_conf *conf)
{
	const char *wrong;

	if (conf->mode >= KZT_POLICY_MODES)
		return "unknown policy";
	if (conf->reselect >= KZT_RESELECTS)
		return "unknown reselection method";
	if (conf->failover_ms < KZT_FAILOVER_MIN_MS ||
	    conf->failover_ms > KZT_FAILOVER_MAX_MS)
		return "the fail-over interval must be 100 to 600000 ms";
	if (conf->up_delay_ms > KZT_POLICY_DELAY_MAX_MS ||
	    conf->down_delay_ms > KZT_POLICY_DELAY_MAX_MS ||
	    conf->dwell_ms > KZT_POLICY_DELAY_MAX_MS)
		return "a delay is longer than 600000 ms";
	if (conf->hysteresis_ppm > KZT_PPM)
		return "the hysteresis is greater than the whole";
	wrong = limits_check(&conf->limits);
	return wrong ?: links_check(conf);
}
