/*
 * A disk that loses power, for a server that is started with this as LD_PRELOAD: every write to a file whose path contains POWER_PATH is noted in
 * POWER_LOG with what stood there before, and so is every sync. The test then undoes what was not synced, or some of it; see power.rs.
 *
 * A sync itself is not done: what is in the page cache outlives a process that is killed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, TRUNCATE = 3 };

/* Followed by the old bytes, then by the new ones. */
struct record {
    uint64_t kind;
    uint64_t file;     /* its inode */
    uint64_t offset;   /* of a write; the new size of a truncation; the length of the log when a sync began */
    uint64_t size;     /* of the file before */
    uint64_t old_len;
    uint64_t new_len;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_target(int fd, struct stat *st)
{
    char link[64], path[4096];
    const char *part = getenv("POWER_PATH");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0 || !part)
        return 0;
    path[len] = 0;
    return strstr(path, part) && !strstr(path, "-shm") && fstat(fd, st) == 0;
}

static int log_fd(void)
{
    static int fd = -1;
    if (fd < 0)
        fd = open(getenv("POWER_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return fd;
}

/* Without the note nothing may be written, or the test would restore too little. */
static void note(struct record record, const void *old, const void *new)
{
    struct iovec parts[3] = { { &record, sizeof record }, { (void *)old, record.old_len }, { (void *)new, record.new_len } };
    ssize_t whole = (ssize_t)(sizeof record + record.old_len + record.new_len);
    if (writev(log_fd(), parts, 3) != whole)
        abort();
}

/* What stands there now; the part of it that exists. */
static char *before(int fd, off64_t offset, uint64_t len, uint64_t size, uint64_t *old_len)
{
    uint64_t end = (uint64_t)offset + len < size ? (uint64_t)offset + len : size;
    *old_len = end > (uint64_t)offset ? end - (uint64_t)offset : 0;
    char *old = malloc(*old_len + 1);
    if (!old || pread64(fd, old, *old_len, offset) != (ssize_t)*old_len)
        abort();
    return old;
}

static ssize_t real_pwrite(int fd, const void *data, size_t len, off64_t offset)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "pwrite64");
    return real(fd, data, len, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
    struct stat st;
    if (!is_target(fd, &st))
        return real_pwrite(fd, data, len, offset);
    pthread_mutex_lock(&lock);
    fstat(fd, &st);
    struct record record = { WRITE, st.st_ino, (uint64_t)offset, (uint64_t)st.st_size, 0, len };
    char *old = before(fd, offset, len, record.size, &record.old_len);
    note(record, old, data);
    free(old);
    ssize_t written = real_pwrite(fd, data, len, offset);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    return pwrite64(fd, data, len, offset);
}

ssize_t write(int fd, const void *data, size_t len)
{
    static ssize_t (*real)(int, const void *, size_t);
    struct stat st;
    if (!real)
        real = dlsym(RTLD_NEXT, "write");
    if (!is_target(fd, &st))
        return real(fd, data, len);
    ssize_t written = pwrite64(fd, data, len, lseek64(fd, 0, SEEK_CUR));
    if (written > 0)
        lseek64(fd, written, SEEK_CUR);
    return written;
}

int ftruncate64(int fd, off64_t size)
{
    static int (*real)(int, off64_t);
    struct stat st;
    if (!real)
        real = dlsym(RTLD_NEXT, "ftruncate64");
    if (!is_target(fd, &st))
        return real(fd, size);
    pthread_mutex_lock(&lock);
    fstat(fd, &st);
    struct record record = { TRUNCATE, st.st_ino, (uint64_t)size, (uint64_t)st.st_size, 0, 0 };
    uint64_t gone = st.st_size > size ? (uint64_t)(st.st_size - size) : 0;
    char *old = before(fd, size, gone, record.size, &record.old_len);
    note(record, old, NULL);
    free(old);
    int done = real(fd, size);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

static int synced(int fd, const char *name)
{
    struct stat st, log;
    if (!is_target(fd, &st)) {
        int (*real)(int) = dlsym(RTLD_NEXT, name);
        return real(fd);
    }
    pthread_mutex_lock(&lock);
    fstat(log_fd(), &log);
    note((struct record){ SYNC, st.st_ino, (uint64_t)log.st_size, (uint64_t)st.st_size, 0, 0 }, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd)
{
    return synced(fd, "fsync");
}

int fdatasync(int fd)
{
    return synced(fd, "fdatasync");
}
