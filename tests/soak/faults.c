/*
 * Faults of a machine, for a server that is started with this as LD_PRELOAD: writes and syncs that fail, and a wall clock that jumps.
 *
 * What is to go wrong stands in a file (FAULTS_FILE) that the test writes and this maps; see the struct. Only files whose path contains
 * FAULTS_PATH are touched, or ends with it where it ends with '$'. What is written to them while no sync fails goes to FAULTS_SHADOW, too, once there is such a
 * file: it is what a disk holds that forgot the rest. CLOCK_MONOTONIC is left alone, as the kernel does when somebody sets the clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
    volatile int64_t write_errno;   /* each write fails with this, unless 0 */
    volatile int64_t sync_errno;    /* each sync fails with this, unless 0 */
    volatile int64_t clock_shift_s; /* the wall clock is wrong by this */
    volatile int64_t hits;          /* how often something was made to fail */
    volatile int64_t tried_again;   /* syncs of a handle on which one had failed */
    volatile int64_t sync_takes_us; /* each sync takes so much longer */
    volatile int64_t held_up;       /* syncs that were made to take longer */
};

#define HANDLES 4096
static char sync_failed[HANDLES];
static struct control none;

static struct control *control(void)
{
    static struct control *mapped;
    if (mapped)
        return mapped;
    const char *path = getenv("FAULTS_FILE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return mapped = at == MAP_FAILED ? &none : at;
}

static int is_target(int fd)
{
    char link[64], path[4096];
    const char *part = getenv("FAULTS_PATH");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0 || !part)
        return 0;
    path[len] = 0;
    size_t end = strlen(part);
    if (end > 0 && part[end - 1] == '$')
        return (size_t)len >= end - 1 && strncmp(path + len - (end - 1), part, end - 1) == 0;
    return strstr(path, part) != NULL;
}

static int fails(int fd, int64_t with)
{
    if (!with || !is_target(fd))
        return 0;
    __atomic_add_fetch(&control()->hits, 1, __ATOMIC_SEQ_CST);
    errno = (int)with;
    return 1;
}

/* The file that holds what the disk holds, or -1. */
static int shadow(int fd)
{
    static int opened = -1;
    if (control()->sync_errno || !is_target(fd))
        return -1;
    const char *path = getenv("FAULTS_SHADOW");
    if (opened < 0 && path)
        opened = open(path, O_WRONLY | O_CLOEXEC);
    return opened;
}

static ssize_t written(int fd, ssize_t result, const void *bytes, size_t len, off64_t at)
{
    if (result == (ssize_t)len && shadow(fd) >= 0 && syscall(SYS_pwrite64, shadow(fd), bytes, len, at) != result)
        abort();
    return result;
}

static int cut(int fd, int result, off64_t len)
{
    if (result == 0 && shadow(fd) >= 0 && syscall(SYS_ftruncate, shadow(fd), len) != 0)
        abort();
    return result;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define AS_IT_IS(result) result
#define WRITTEN(result) written(fd, result, bytes, len, at)
#define CUT(result) cut(fd, result, len)
#define ON_WRITE(result, name, params, args, then)                 \
    result name params                                             \
    {                                                              \
        static __typeof__(&name) real;                             \
        if (!real)                                                 \
            real = REAL(name);                                     \
        return fails(fd, control()->write_errno) ? -1 : then(real args); \
    }

ON_WRITE(ssize_t, write, (int fd, const void *bytes, size_t len), (fd, bytes, len), AS_IT_IS)
ON_WRITE(ssize_t, pwrite, (int fd, const void *bytes, size_t len, off_t at), (fd, bytes, len, at), WRITTEN)
ON_WRITE(ssize_t, pwrite64, (int fd, const void *bytes, size_t len, off64_t at), (fd, bytes, len, at), WRITTEN)
ON_WRITE(int, ftruncate, (int fd, off_t len), (fd, len), CUT)
ON_WRITE(int, ftruncate64, (int fd, off64_t len), (fd, len), CUT)
ON_WRITE(int, fallocate, (int fd, int mode, off_t at, off_t len), (fd, mode, at, len), AS_IT_IS)

static int sync_with(int fd, int (*real)(int))
{
    int known = fd >= 0 && fd < HANDLES;
    if (known && sync_failed[fd])
        __atomic_add_fetch(&control()->tried_again, 1, __ATOMIC_SEQ_CST);
    if (control()->sync_takes_us && is_target(fd)) {
        __atomic_add_fetch(&control()->held_up, 1, __ATOMIC_SEQ_CST);
        usleep((useconds_t)control()->sync_takes_us);
    }
    if (!fails(fd, control()->sync_errno))
        return real(fd);
    if (known)
        sync_failed[fd] = 1;
    return -1;
}

int fsync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = REAL(fsync);
    return sync_with(fd, real);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = REAL(fdatasync);
    return sync_with(fd, real);
}

int close(int fd)
{
    static int (*real)(int);
    if (!real)
        real = REAL(close);
    if (fd >= 0 && fd < HANDLES)
        sync_failed[fd] = 0;
    return real(fd);
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = REAL(clock_gettime);
    int result = real(clock, at);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        at->tv_sec += control()->clock_shift_s;
    return result;
}

time_t time(time_t *at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}
