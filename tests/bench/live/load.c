// A lean client: load http|close|echo PORT CONNECTIONS SECONDS. Each connection
// has one request under way; an answer is whole when as many bytes as in the
// first one have come ("close": when the server ends). Prints one line:
// requests, seconds.
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
#include <time.h>
#include <unistd.h>

enum { kEvents = 1024, kMostFds = 65536, kEchoBytes = 64 };

static const char kKept[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
static const char kClosed[] =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n";
static char echo[kEchoBytes];

static const char* request;
static size_t request_bytes;
static int closes;
static struct sockaddr_in server;
static size_t received[kMostFds];
static size_t answer_bytes;

static double Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void Die(const char* what) {
  perror(what);
  exit(1);
}

static int Open(int epoll) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  if (connect(fd, (struct sockaddr*)&server, sizeof server) != 0) {
    Die("load: connect");
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  received[fd] = 0;
  if (write(fd, request, request_bytes) != (ssize_t)request_bytes) {
    Die("load: write");
  }
  return fd;
}

// The first answer tells how long an answer is.
static void Learn(int epoll) {
  char data[4096];
  const int fd = Open(epoll);
  ssize_t got;
  while ((got = read(fd, data, sizeof data)) > 0) {
    answer_bytes += (size_t)got;
    if (!closes) break;
  }
  if (answer_bytes == 0) Die("load: no answer");
  close(fd);
}

// Answers whether a request is done.
static int OnReadable(int epoll, int fd) {
  static char data[65536];
  const ssize_t got = recv(fd, data, sizeof data, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got <= 0) {
    if (!closes || received[fd] != answer_bytes) Die("load: cut short");
    close(fd);
    Open(epoll);
    return 1;
  }
  received[fd] += (size_t)got;
  if (closes || received[fd] < answer_bytes) return 0;
  received[fd] = 0;
  if (write(fd, request, request_bytes) != (ssize_t)request_bytes) {
    Die("load: write");
  }
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 5 || strchr("hce", argv[1][0]) == NULL) {
    fprintf(stderr, "load http|close|echo PORT CONNECTIONS SECONDS\n");
    return 2;
  }
  closes = argv[1][0] == 'c';
  request = argv[1][0] == 'e' ? echo : closes ? kClosed : kKept;
  request_bytes = request == echo ? sizeof echo : strlen(request);
  server.sin_family = AF_INET;
  server.sin_port = htons((unsigned short)atoi(argv[2]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int epoll = epoll_create1(0);
  Learn(epoll);
  for (int i = atoi(argv[3]); i > 0; --i) Open(epoll);
  static struct epoll_event events[kEvents];
  const double begin = Now();
  const double end = begin + atof(argv[4]);
  long done = 0;
  double now = begin;
  while (now < end) {
    const int count = epoll_wait(epoll, events, kEvents, 1000);
    for (int i = 0; i < count; ++i) done += OnReadable(epoll, events[i].data.fd);
    now = Now();
  }
  printf("%ld %.6f\n", done, now - begin);
  return 0;
}
