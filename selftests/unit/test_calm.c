// SPDX-License-Identifier: GPL-2.0
/*
 * What is measured of a path while it has little to carry.
 *
 * usage: test_calm
 */
#include "tap.h"
#include "calm.h"
#include "quality.h"

static struct kzt_calm c;
static struct kzt_calm_facts f;
static u64 now, bytes;

static void begin(void)
{
	memset(&c, 0, sizeof(c));
	now = 1000000;
	bytes = 12345;
	kzt_calm_start(&c, bytes, now);
}

/* Time goes by, looked at as the module does, with something passing */
static void pass(unsigned int ms, u64 bps)
{
	u64 end = now + ms;

	while (now < end) {
		now += 50;
		bytes += bps * 50 / 8000;
		kzt_calm_look(&c, bytes, now);
	}
}

/* A probe that is answered after @rtt_us; or lost, if that is 0 */
static void probe(u32 rtt_us, u64 bps)
{
	u64 sent = now;

	pass(rtt_us ? DIV_ROUND_UP(rtt_us, 1000) : 1000, bps);
	if (!kzt_calm_since(&c, bytes, sent, now))
		return;
	if (rtt_us)
		kzt_calm_answer(&c, rtt_us, now);
	else
		kzt_calm_loss(&c, now);
}

static void tell(void)
{
	kzt_calm_tell(&c, now, &f);
}

static void test_load(void)
{
	begin();
	tell();
	ok(!f.rtt_us && !f.loss_ppm && !f.count && !f.age_ms,
	   "nothing is known to begin with");
	pass(3000, 5000000);
	probe(400000, 5000000);
	tell();
	ok(!f.count && f.age_ms == 3400, "nor of a path that had a load from the start");
	begin();
	probe(20000, 0);
	tell();
	ok(f.rtt_us == 20000 && !f.jitter_us && f.count == 1 && !f.age_ms,
	   "one answer is a round trip without jitter");
	pass(5000, 30000);
	probe(20000, 30000);
	tell();
	ok(f.count == 2, "keepalives are no load");
	probe(900000, 5000000);
	probe(0, 5000000);
	probe(700000, 5000000);
	tell();
	ok(f.count == 2 && f.rtt_us == 20000 && !f.loss_ppm,
	   "what is answered or lost under load does not count");
	pass(20000, 5000000);
	probe(400000, 0);
	tell();
	ok(f.count == 2 && f.age_ms > 20000, "nor what may wait in its queues");
	pass(1000, 0);
	probe(30000, 0);
	tell();
	ok(f.count == 3 && f.rtt_us == 30000,
	   "after a load for long what was measured before it says nothing");
}

static void test_mean(void)
{
	begin();
	pass(120000, 8000000);
	pass(2000, 1500000);
	probe(20000, 1500000);
	tell();
	ok(f.count == 1, "a part of what usually passes leaves a path calm");
	pass(2000, 3000000);
	probe(20000, 3000000);
	tell();
	ok(f.count == 1, "a greater part does not");
	/* More than fits was sent into it for a while */
	pass(15000, 30000000);
	pass(5000, 8000000);
	probe(20000, 8000000);
	tell();
	ok(f.count == 1, "a short flood does not make the usual load little");
}

static void test_loss(void)
{
	unsigned int i;

	begin();
	probe(20000, 0);
	probe(0, 0);
	tell();
	ok(f.loss_ppm && f.loss_ppm < KZT_LOSS_MAX_PPM,
	   "one loss of two does not exceed the limit");
	probe(0, 0);
	tell();
	ok(f.loss_ppm > KZT_LOSS_MAX_PPM, "two do");
	for (i = 0; i < 64; i++)
		probe(20000, 0);
	tell();
	ok(!f.loss_ppm, "64 answers later they are forgotten");
	for (i = 0; i < 64; i++)
		probe(i % 4 ? 20000 : 0, 0);
	tell();
	ok(f.loss_ppm == KZT_PPM / 4, "a quarter is lost");
	for (i = 0; i < 40; i++)
		probe(0, 0);
	kzt_calm_revive(&c);
	probe(20000, 0);
	tell();
	ok(f.loss_ppm > KZT_PPM / 5 && f.loss_ppm <= KZT_PPM / 4,
	   "what death took is not counted");
}

static void test_jitter(void)
{
	unsigned int i;

	begin();
	for (i = 0; i < 64; i++)
		probe(i % 2 ? 150000 : 50000, 0);
	tell();
	ok(f.rtt_us > 90000 && f.rtt_us < 110000 && f.jitter_us > 40000 &&
	   f.jitter_us < 60000, "jitter is the mean deviation (%u of %u)",
	   f.jitter_us, f.rtt_us);
}

static void test_odd(void)
{
	unsigned int i;

	begin();
	probe(900000, 0);
	for (i = 0; i < 4; i++)
		probe(20000, 0);
	tell();
	ok(f.rtt_us < 25000 && f.jitter_us < KZT_JITTER_MAX_US / 2 && !f.settled,
	   "a first answer that waited is forgotten soon");
	for (i = 0; i < 4; i++)
		probe(20000, 0);
	tell();
	ok(f.settled, "eight are enough to judge by");
	probe(900000, 0);
	tell();
	ok(f.jitter_us < KZT_JITTER_MAX_US, "one late answer is no jitter");
	probe(900000, 0);
	probe(20000, 0);
	probe(900000, 0);
	tell();
	ok(f.jitter_us > KZT_JITTER_MAX_US, "some are");
}

int main(void)
{
	test_load();
	test_mean();
	test_loss();
	test_jitter();
	test_odd();
	return tap_done();
}
