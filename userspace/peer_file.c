// SPDX-License-Identifier: GPL-2.0
/* Files in which the reference implementation remembers a peer (spec 2.18). */
#include "peer_file.h"
#include "../kmod/proto/identity.h"

int peer_file_parse(struct peer_file *p, const void *blob, size_t len, const char **why)
{
	struct kzt_cur c = kzt_cur(blob, len);
	unsigned int version, count;
	struct kzt_identity id;
	struct kzt_inetaddr at;

	memset(p, 0, sizeof(*p));
	*why = "of an unknown version";
	/* 2 since 1.8.10, the layout is the same */
	version = kzt_cur_u8(&c);
	if (version != 1 && version != 2)
		return -EINVAL;
	*why = "cut off or damaged";
	if (kzt_identity_get(&c, &id) < 0)
		return -EINVAL;
	p->id.address = id.address;
	memcpy(p->id.pub, id.pub, sizeof(p->id.pub));
	p->proto = kzt_cur_u16(&c);
	p->major = kzt_cur_u16(&c);
	p->minor = kzt_cur_u16(&c);
	p->revision = kzt_cur_u16(&c);
	for (count = kzt_cur_u16(&c); count && !c.bad; count--) {
		if (kzt_inetaddr_get(&c, &at))
			return -EINVAL;
		if (p->n < PEER_FILE_ENDPOINTS && kzt_inetaddr_valid_path(&at))
			p->at[p->n++] = at;
	}
	return c.bad ? -EINVAL : 0;
}
