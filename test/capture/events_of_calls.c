/* Prints the exit events that the helper makes of some calls, in hexadecimal:
 * the same on every architecture. */
#define _GNU_SOURCE
#include "capture.h"
#include "params.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static struct tsdig_sys table[TSDIG_MAX_SYSCALLS];

static void show(const char *name, unsigned nr, const uint64_t *args,
                 long result) {
  static uint8_t event[EVENT_ROOM];
  /* Not settled: nothing is read from a process. */
  struct call c = {.nr = nr, .ret = result, .exit = true, .snaplen = 80};
  memcpy(c.args, args, sizeof(c.args));
  c.who.tid = c.who.tgid = 1;
  uint32_t n = event_call(event, 1, 1, table[nr].exit, table[nr].sc, &c);
  printf("%s %d", name, event[20] | event[21] << 8);
  for (uint32_t i = 26; i < n; i++)
    printf(" %02x", event[i]);
  printf("\n");
}
#define SHOW(name, result, ...)                                                \
  show(#name, SYS_##name, (uint64_t[6]){__VA_ARGS__}, result)

int main(int argc, char **argv) {
  struct tsdig_options *options = calloc(1, sizeof(*options));
  memset(options->syscalls, 3, sizeof(options->syscalls));
  if (argc > 1)
    options->flags = TSDIG_FULL_EVENTS;
  sys_table(options, table);
  SHOW(openat, -2, AT_FDCWD, 0, O_RDWR | O_DIRECTORY | O_CLOEXEC);
  SHOW(openat, -2, AT_FDCWD, 0, O_WRONLY | O_CREAT | O_DIRECT | O_NOFOLLOW,
       0640);
  SHOW(openat, -2, 5, 0, O_TMPFILE | O_LARGEFILE | O_SYNC, 0600);
  SHOW(fcntl, 3, 4, F_DUPFD_CLOEXEC, 10);
  SHOW(lseek, 7, 4, -1, SEEK_END);
  SHOW(mmap, -12, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
       -1, 0);
  SHOW(kill, 0, 4711, SIGUSR1);
  SHOW(socket, 3, AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 17);
  SHOW(connect, -111, 3);
  SHOW(dup3, 9, 4, 9, O_CLOEXEC);
  SHOW(unlinkat, -2, AT_FDCWD, 0, AT_REMOVEDIR);
  SHOW(pipe2, -24, 0, O_NONBLOCK);
  SHOW(fchownat, -2, AT_FDCWD, 0, 5, 6, AT_SYMLINK_NOFOLLOW);
  SHOW(memfd_create, -22, 0, 1);
  return 0;
}
