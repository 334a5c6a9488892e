// SPDX-License-Identifier: GPL-2.0
/*
 * Members that asked lately.  The table is bounded: the one that has been silent
 * for longest makes room, and loses nothing but what is pushed to it.
 */
#include "controller.h"
#include <stdlib.h>

static struct controller_online **bucket(struct controller_table *t, uint64_t nwid,
					 uint64_t address)
{
	uint64_t h = (nwid ^ address * 0x9e3779b97f4a7c15ULL) * 0xff51afd7ed558ccdULL;

	return &t->bucket[h >> 52];
}

struct controller_online *controller_online_find(struct controller_table *t,
						 uint64_t nwid, uint64_t address)
{
	struct controller_online *o = *bucket(t, nwid, address);

	while (o && (o->nwid != nwid || o->address != address))
		o = o->hash;
	return o;
}

static void age_unlink(struct controller_table *t, struct controller_online *o)
{
	*(o->newer ? &o->newer->older : &t->newest) = o->older;
	*(o->older ? &o->older->newer : &t->oldest) = o->newer;
}

static void age_newest(struct controller_table *t, struct controller_online *o)
{
	o->newer = NULL;
	o->older = t->newest;
	*(o->older ? &o->older->newer : &t->oldest) = o;
	t->newest = o;
}

static void due_unlink(struct controller_table *t, struct controller_online *o)
{
	struct controller_online **p = &t->due_first;

	if (!o->queued)
		return;
	while (*p != o)
		p = &(*p)->due_next;
	*p = o->due_next;
	if (t->due_last == &o->due_next)
		t->due_last = p;
	o->queued = false;
}

static void forget(struct controller_table *t, struct controller_online *o)
{
	struct controller_online **p = bucket(t, o->nwid, o->address);

	while (*p != o)
		p = &(*p)->hash;
	*p = o->hash;
	age_unlink(t, o);
	due_unlink(t, o);
	free(o);
	t->n--;
}

static struct controller_online *add(struct controller_table *t, uint64_t nwid,
				     uint64_t address)
{
	struct controller_online *o = calloc(1, sizeof(*o)), **p;

	if (!o)
		return NULL;
	if (t->n == ONLINE_MAX)
		forget(t, t->oldest);
	o->nwid = nwid;
	o->address = address;
	p = bucket(t, nwid, address);
	o->hash = *p;
	*p = o;
	t->n++;
	return o;
}

struct controller_online *controller_online_ask(struct controller_table *t,
						uint64_t nwid, uint64_t address,
						uint64_t now_ms)
{
	struct controller_online *o = controller_online_find(t, nwid, address);

	if (o && now_ms - o->asked_ms <= CONTROLLER_GAP_MS)
		return NULL;
	if (o) {
		age_unlink(t, o);
	} else {
		o = add(t, nwid, address);
		if (!o)
			return NULL;
	}
	age_newest(t, o);
	o->asked_ms = now_ms;
	return o;
}

void controller_online_later(struct controller_table *t, struct controller_online *o)
{
	if (o->queued || !o->due)
		return;
	if (!t->due_last)
		t->due_last = &t->due_first;
	o->due_next = NULL;
	*t->due_last = o;
	t->due_last = &o->due_next;
	o->queued = true;
}

static void owe(struct controller_table *t, struct controller_online *o, uint8_t due,
		uint64_t now_ms)
{
	if (now_ms - o->asked_ms > CONTROLLER_ONLINE_MS)
		return;
	o->due |= due;
	controller_online_later(t, o);
}

void controller_online_owe(struct controller_table *t, uint64_t nwid,
			   uint64_t address, uint8_t due, uint64_t now_ms)
{
	struct controller_online *o;

	if (address) {
		o = controller_online_find(t, nwid, address);
		if (o)
			owe(t, o, due, now_ms);
		return;
	}
	for (o = t->newest; o; o = o->older)
		if (!nwid || o->nwid == nwid)
			owe(t, o, due, now_ms);
}

struct controller_online *controller_online_due(struct controller_table *t)
{
	struct controller_online *o = t->due_first;

	if (!o)
		return NULL;
	t->due_first = o->due_next;
	if (!t->due_first)
		t->due_last = &t->due_first;
	o->queued = false;
	return o;
}

void controller_online_free(struct controller_table *t)
{
	while (t->oldest)
		forget(t, t->oldest);
}
