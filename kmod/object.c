// SPDX-License-Identifier: GPL-2.0
/*
 * The balance of objects, for the tests and for whoever looks for a leak.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "object.h"

atomic_t kzt_objects[KZT_OBJECT_MAX];

static const char *const names[KZT_OBJECT_MAX] = {
#define X(name, text) [KZT_OBJECT_##name] = text,
	KZT_OBJECT_LIST(X)
#undef X
};

static struct dentry *dir;

static int objects_show(struct seq_file *m, void *v)
{
	unsigned int i;

	for (i = 0; i < KZT_OBJECT_MAX; i++)
		seq_printf(m, "%s %d\n", names[i], atomic_read(&kzt_objects[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(objects);

/** kzt_objects_init() - offer the counts in debugfs */
void kzt_objects_init(void)
{
	dir = debugfs_create_dir("kzt", NULL);
	debugfs_create_file("objects", 0400, dir, NULL, &objects_fops);
}

/** kzt_objects_exit() - undo kzt_objects_init(); says what was left behind */
void kzt_objects_exit(void)
{
	unsigned int i;

	debugfs_remove_recursive(dir);
	for (i = 0; i < KZT_OBJECT_MAX; i++)
		WARN(atomic_read(&kzt_objects[i]), "%d %s left behind\n",
		     atomic_read(&kzt_objects[i]), names[i]);
}
