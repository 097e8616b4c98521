// The least that a server can do with epoll: one that does not look at what it
// reads. raw_server http|close|echo PORT; a request is whatever one read(2)
// brings. "close" ends each connection after its answer.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kEvents = 1024, kBufferBytes = 65536 };

static const char kKept[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    "Date: Tue, 24 Nov 2026 20:00:00 GMT\r\n"
    "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n"
    "Content-Length: 12\r\n\r\nhello world\n";
static const char kClosed[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    "Date: Tue, 24 Nov 2026 20:00:00 GMT\r\n"
    "Connection: close\r\nContent-Length: 12\r\n\r\nhello world\n";

static int Listen(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(fd, (struct sockaddr*)&address, sizeof address) != 0 ||
      listen(fd, 511) != 0) {
    perror("raw_server");
    exit(1);
  }
  return fd;
}

static void Accept(int epoll, int listener) {
  const int on = 1;
  const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

// Answers whether the connection goes on.
static int Serve(int fd, const char* mode) {
  static char buffer[kBufferBytes];
  const ssize_t got = read(fd, buffer, sizeof buffer);
  if (got < 0 && errno == EAGAIN) return 1;
  if (got <= 0) return 0;
  if (mode[0] == 'e') return write(fd, buffer, (size_t)got) == got;
  if (mode[0] == 'h') return write(fd, kKept, sizeof kKept - 1) > 0;
  if (write(fd, kClosed, sizeof kClosed - 1) > 0) shutdown(fd, SHUT_WR);
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 3 || strchr("hce", argv[1][0]) == NULL) {
    fprintf(stderr, "raw_server http|close|echo PORT\n");
    return 2;
  }
  const int listener = Listen(atoi(argv[2]));
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  static struct epoll_event events[kEvents];
  for (;;) {
    const int count = epoll_wait(epoll, events, kEvents, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        Accept(epoll, listener);
      } else if (!Serve(fd, argv[1])) {
        close(fd);
      }
    }
  }
}
