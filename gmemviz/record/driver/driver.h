/* SPDX-License-Identifier: MIT */
/* The guest's only program: it is init, sets up tracing, runs one scenario, reports. */
#ifndef GMEMVIZ_DRIVER_H
#define GMEMVIZ_DRIVER_H

#include <stddef.h>

struct scenario {
	const char *name;
	void (*run)(void);
};

extern const struct scenario scenarios[];

/* init.c: the name of the scenario that runs */
extern const char *running;

/* channel.c: the virtio port to the host */
void channel_open(void);
void channel_write(const char *bytes, size_t length);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void refuse(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void power_off(void) __attribute__((noreturn));
/* Return `result` if it is no error, else refuse and name what failed. */
long must(long result, const char *what);

/* files.c: whole small files */
char *read_whole(const char *path, size_t *length);
int write_text(const char *path, const char *text);

/* tracing.c */
void tracing_set_up(void);
void tracing_send(void);
/* Start recording; the first mark names the scenario. */
void record(const char *name);
void record_pause(void);
void record_resume(void);
void mark(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Mark device and number of the inode that the scenario is about. */
void mark_inode(int fd);
/* Wait until what RCU and the workqueues hold back has run. */
void settle(void);

/* image.c: the image that the host's mkfs made, as a device */
#define IMAGE_DEVICE "/dev/loop0"
void attach_image(void);

/* scenarios */
void memfd_policy(void);
void hugetlb(void);
void secretmem(void);
void unlink_open(void);
void unlink_closed(void);
void drop_caches(void);
void unmount(void);
void unmount_busy(void);
void remount(void);
void race(void);
void fill(void);
void rmmod_at_once(void);
void rmmod_later(void);
void run_pipe(void);
void run_eventfd(void);
void run_socket(void);
void gmem(void);
void gmem_private(void);
void gmem_punched(void);
void gmem_fd_first(void);
void gmem_bound_fd_first(void);
void gmem_bound_vm_first(void);
void gmem_opath(void);
void gmem_inotify(void);
void kvm_unload(void);
void judged(void);
void hang(void);
void crash(void);

#endif
