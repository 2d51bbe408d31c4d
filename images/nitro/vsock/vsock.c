// SPDX-License-Identifier: MIT
/*
 * The only ways in and out of an enclave of AWS Nitro, which has no network but sockets to its parent:
 *     vsock loopback                      brings the loopback interface up; nothing else does
 *     vsock forward <port> <cid> <vport>  what connects to 127.0.0.1:<port> is connected to <vport> of <cid>
 *     vsock receive <vport>               prints what the first connection to <vport> sends, to its end
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what) {
  perror(what);
  return 1;
}

static int number(const char *text) {
  char *end = NULL;
  long value = strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < 1 || value > 0x7fffffff) {
    fprintf(stderr, "%s is no number\n", text);
    exit(2);
  }
  return (int)value;
}

static int loopback(void) {
  int handle = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq interface = {.ifr_name = "lo"};
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  memcpy(&interface.ifr_addr, &own, sizeof own);
  if (handle < 0 || ioctl(handle, SIOCSIFADDR, &interface) != 0) return fail("address of lo");
  if (ioctl(handle, SIOCGIFFLAGS, &interface) != 0) return fail("flags of lo");
  interface.ifr_flags |= IFF_UP | IFF_RUNNING;
  return ioctl(handle, SIOCSIFFLAGS, &interface) == 0 ? 0 : fail("lo up");
}

static bool write_all(int to, const char *data, ssize_t length) {
  while (length > 0) {
    ssize_t count = write(to, data, (size_t)length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data += count;
    length -= count;
  }
  return true;
}

/* Both directions until both ends have closed, or one fails. */
static void join(int one, int other) {
  char buffer[65536];
  struct pollfd ends[2] = {{.fd = one, .events = POLLIN}, {.fd = other, .events = POLLIN}};
  int fds[2] = {one, other};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (poll(ends, 2, -1) < 0 && errno != EINTR) return;
    for (int i = 0; i < 2; i++) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      ssize_t count = read(fds[i], buffer, sizeof buffer);
      if (count < 0 || !write_all(fds[1 - i], buffer, count)) return;
      if (count > 0) continue;
      shutdown(fds[1 - i], SHUT_WR);
      ends[i].fd = -1;
    }
  }
}

static int forward(int port, int cid, int vport) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int yes = 1;
  struct sockaddr_in own = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) return fail("socket");
  if (bind(listener, (struct sockaddr *)&own, sizeof own) != 0 || listen(listener, 64) != 0) return fail("listen");
  signal(SIGCHLD, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    if (fork() == 0) {
      struct sockaddr_vm there = {
          .svm_family = AF_VSOCK, .svm_port = (unsigned)vport, .svm_cid = (unsigned)cid};
      int parent = socket(AF_VSOCK, SOCK_STREAM, 0);
      if (parent >= 0 && connect(parent, (struct sockaddr *)&there, sizeof there) == 0) join(client, parent);
      else perror("connect");
      _exit(0);
    }
    close(client);
  }
}

static int receive(int vport) {
  struct sockaddr_vm own = {.svm_family = AF_VSOCK, .svm_port = (unsigned)vport, .svm_cid = VMADDR_CID_ANY};
  int listener = socket(AF_VSOCK, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&own, sizeof own) != 0 || listen(listener, 1) != 0)
    return fail("listen");
  int client = accept(listener, NULL, NULL);
  if (client < 0) return fail("accept");
  char buffer[4096];
  ssize_t count;
  while ((count = read(client, buffer, sizeof buffer)) > 0)
    if (!write_all(STDOUT_FILENO, buffer, count)) return fail("write");
  return count == 0 ? 0 : fail("read");
}

int main(int count, char **words) {
  if (count == 2 && strcmp(words[1], "loopback") == 0) return loopback();
  if (count == 5 && strcmp(words[1], "forward") == 0)
    return forward(number(words[2]), number(words[3]), number(words[4]));
  if (count == 3 && strcmp(words[1], "receive") == 0) return receive(number(words[2]));
  fprintf(stderr, "usage: vsock loopback | forward <port> <cid> <vport> | receive <vport>\n");
  return 2;
}
