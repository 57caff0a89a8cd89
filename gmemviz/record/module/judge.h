/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What a Design written as C tells the driver, and what the driver does for it. */
#ifndef GMEMVIZ_JUDGE_H
#define GMEMVIZ_JUDGE_H

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/pseudo_fs.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

/* Who reads a kind of metadata, beside the hooks. */
#define BY_TRUNCATION		1
#define BY_LOCKLESS_READER	2
#define BY_LAST_PUT		4
#define BY_LAST_PUT_IF_MAPPED	8	/* by folio->mapping, where that is not NULL */
#define BY_LAST_PUT_UNTESTED	16	/* by folio->mapping */

/* A slab cache that the driver makes before a run and destroys after it. */
struct judged_cache {
	const char *name;
	struct kmem_cache **cache;
	size_t size;
	void (*ctor)(void *object);
};

/* A kind of metadata. `of` leads from an inode to it, and is NULL where nothing does. */
struct judged_metadata {
	const char *name;
	unsigned int read;
	bool is_word, is_of_file;
	bool put_sleeps;	/* who reads it at the last folio_put takes a sleeping lock */
	void *(*of)(struct inode *inode);
	struct mutex *lock;	/* that its release takes */
	atomic_t *left;		/* how many there are to have, where it is scarce */
};

struct design {
	const char *name;
	struct vfsmount *(*mount)(void);	/* NULL: the inode is one of anon_inodefs, or */
	struct super_block *sb;		/* of this one, which nobody mounts */
	const struct file_operations *fops;
	const struct judged_cache *caches;		/* all lists end with a NULL name */
	const struct judged_metadata *metadata;
	int (*attach)(struct inode *inode);		/* NULL: nothing of the inode's own */
	int (*attach_to_file)(struct file *file);	/* NULL: nothing of the file's own */
	void (*unwind)(struct inode *inode);		/* what the error path frees, or NULL */
	struct xarray *xarray;				/* that all inodes share, or NULL */
	bool is_never_filled;				/* its page cache is never used */
	/* Bytes of the struct around the inode that attach() writes to, and release; or 0. */
	size_t attached_around, released_around;
};

extern const struct design *const designs[];	/* ends with NULL */

/* What a flag word holds while it is set. */
#define FLAG_SET	1UL

/* Where slub debugging says that the memory at `object` is freed, tell it to the console. */
bool look_at(const char *what, const void *object);

/* Tell where an entry cannot be made since there is one already; return the error. */
int insert_fails(const char *what, int error);

/* Sleep where this run asks for the corner in which a release does. */
void wait_in_a_corner(void);

/* inode_cachep is static in fs/inode.c: only code built into the kernel can name it. */
struct kmem_cache *find_inode_cachep(void);
#define inode_cachep find_inode_cachep()

#endif
