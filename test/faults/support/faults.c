/*
 * Loaded before libc into a process under test: counts every call that changes a file below one folder, and at a
 * chosen one kills the process, tears the write in two, or answers with an error as a full or failing disk would.
 *   FAULT_UNDER  the folder
 *   FAULT_TRACE  a file that takes one line a step
 *   FAULT_AT     the step that it happens at, from 1
 *   FAULT_DO     kill (before the step), torn (half of a write, then kill), or the number of an error: that step and
 *                all later ones that need room fail with it
 *   FAULT_ONCE   if set, the error is met at that step alone, whether it needs room or not
 *   FAULT_FILE   in place of FAULT_AT, a path below the folder: every change of that file fails, and of no other
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *under, *wanted, *broken;
static int once;
static size_t under_length;
static long at;
static int trace = -1;
static atomic_long steps;

__attribute__((constructor)) static void begin(void) {
  under = getenv("FAULT_UNDER");
  under_length = under ? strlen(under) : 0;
  wanted = getenv("FAULT_DO");
  const char *number = getenv("FAULT_AT");
  at = number ? atol(number) : 0;
  once = getenv("FAULT_ONCE") != NULL;
  broken = getenv("FAULT_FILE");
  const char *file = getenv("FAULT_TRACE");
  if (file) trace = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

static const char *place_of(int fd, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, buffer, 4095);
  if (length < 0) return NULL;
  buffer[length] = 0;
  return buffer;
}

/* What to do at this call: 0 let it pass, 'k' kill, 't' tear, otherwise an error number. */
static int step(const char *what, const char *path, int needs_room) {
  if (!under || !path || strncmp(path, under, under_length) != 0) return 0;
  long now = atomic_fetch_add(&steps, 1) + 1;
  if (trace >= 0) {
    char line[4400];
    int length = snprintf(line, sizeof line, "%s %s\n", what, path + under_length);
    syscall(SYS_write, trace, line, (size_t)length);
  }
  if (!wanted) return 0;
  int error = atoi(wanted);
  if (broken) return strcmp(path + under_length, broken) == 0 ? -error : 0;
  if (at == 0) return 0;
  if (error > 0) return (once ? now == at : now >= at && needs_room) ? -error : 0;
  return now == at ? (strcmp(wanted, "torn") == 0 ? 't' : 'k') : 0;
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = dlsym(RTLD_NEXT, #name)
#define FAIL(number) do { errno = -(number); return -1; } while (0)

#define ON_FD(what, fd, room) \
  char buffer[4096]; \
  int todo = under ? step(what, place_of(fd, buffer), room) : 0

#define WRITER(name, signature, rest, half) \
  ssize_t name signature { \
    REAL(name); \
    ON_FD("write", fd, 1); \
    if (todo < 0) FAIL(todo); \
    if (todo == 't') half; \
    if (todo > 0) die(); \
    return real rest; \
  }

WRITER(write, (int fd, const void *bytes, size_t length), (fd, bytes, length), real(fd, bytes, length / 2))
WRITER(pwrite, (int fd, const void *bytes, size_t length, off_t from), (fd, bytes, length, from), real(fd, bytes, length / 2, from))
WRITER(pwrite64, (int fd, const void *bytes, size_t length, off64_t from), (fd, bytes, length, from), real(fd, bytes, length / 2, from))
WRITER(writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), real(fd, parts, count / 2))
WRITER(pwritev, (int fd, const struct iovec *parts, int count, off_t from), (fd, parts, count, from), real(fd, parts, count / 2, from))
WRITER(copy_file_range, (int in, off64_t *from, int fd, off64_t *to, size_t length, unsigned flags), (in, from, fd, to, length, flags), real(in, from, fd, to, length / 2, flags))
WRITER(sendfile, (int fd, int in, off_t *from, size_t length), (fd, in, from, length), real(fd, in, from, length / 2))
WRITER(sendfile64, (int fd, int in, off64_t *from, size_t length), (fd, in, from, length), real(fd, in, from, length / 2))

#define BY_FD(name, signature, rest, what, room) \
  int name signature { \
    REAL(name); \
    ON_FD(what, fd, room); \
    if (todo < 0) FAIL(todo); \
    if (todo > 0) die(); \
    return real rest; \
  }

BY_FD(fsync, (int fd), (fd), "sync", 1)
BY_FD(fdatasync, (int fd), (fd), "sync", 1)
BY_FD(ftruncate, (int fd, off_t length), (fd, length), "truncate", 0)
BY_FD(ftruncate64, (int fd, off64_t length), (fd, length), "truncate", 0)
BY_FD(fchmod, (int fd, mode_t mode), (fd, mode), "chmod", 0)

#define BY_PATH(name, signature, rest, what, path, room) \
  int name signature { \
    REAL(name); \
    int todo = step(what, path, room); \
    if (todo < 0) FAIL(todo); \
    if (todo > 0) die(); \
    return real rest; \
  }

BY_PATH(unlink, (const char *path), (path), "remove", path, 0)
BY_PATH(unlinkat, (int folder, const char *path, int flags), (folder, path, flags), "remove", path, 0)
BY_PATH(rmdir, (const char *path), (path), "remove", path, 0)
BY_PATH(mkdir, (const char *path, mode_t mode), (path, mode), "mkdir", path, 1)
BY_PATH(rename, (const char *from, const char *to), (from, to), "rename", to, 1)
BY_PATH(link, (const char *from, const char *to), (from, to), "link", to, 1)
BY_PATH(symlink, (const char *from, const char *to), (from, to), "link", to, 1)
BY_PATH(chmod, (const char *path, mode_t mode), (path, mode), "chmod", path, 0)
BY_PATH(truncate, (const char *path, off_t length), (path, length), "truncate", path, 0)
BY_PATH(truncate64, (const char *path, off64_t length), (path, length), "truncate", path, 0)

/* Only an opening that makes the file is a step. */
#define OPENER(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    mode_t mode = 0; \
    if (flags & O_CREAT) { \
      va_list more; \
      va_start(more, flags); \
      mode = va_arg(more, mode_t); \
      va_end(more); \
      struct stat found; \
      if (under && lstat(path, &found) != 0) { \
        int todo = step("make", path, 1); \
        if (todo < 0) FAIL(todo); \
        if (todo > 0) die(); \
      } \
    } \
    return real(path, flags, mode); \
  }

OPENER(open)
OPENER(open64)
