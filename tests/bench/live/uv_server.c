// A server by libuv and llhttp, as one would write it by hand in C: it parses
// each request and its Connection, and answers a few words. uv_server PORT.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "llhttp.h"

static const char kKept[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    "Date: Tue, 24 Nov 2026 20:00:00 GMT\r\n"
    "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n"
    "Content-Length: 12\r\n\r\nhello world\n";
static const char kClosed[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    "Date: Tue, 24 Nov 2026 20:00:00 GMT\r\n"
    "Connection: close\r\nContent-Length: 12\r\n\r\nhello world\n";

typedef struct {
  uv_tcp_t tcp;
  llhttp_t parser;
  uv_shutdown_t shutdown;
} Connection;

typedef struct {
  uv_write_t request;
  uv_buf_t buffer;
} Write;

static llhttp_settings_t settings;
static char buffer[65536];

static void OnClosed(uv_handle_t* handle) { free(handle->data); }

static void Close(Connection* c) {
  if (!uv_is_closing((uv_handle_t*)&c->tcp)) {
    uv_close((uv_handle_t*)&c->tcp, OnClosed);
  }
}

static void OnShutdown(uv_shutdown_t* request, int status) {
  (void)status;
  Close(request->data);
}

static void OnWritten(uv_write_t* request, int status) {
  (void)status;
  free(request);
}

static int OnComplete(llhttp_t* parser) {
  Connection* const c = parser->data;
  const int keep = llhttp_should_keep_alive(parser);
  uv_buf_t answer = keep ? uv_buf_init((char*)kKept, sizeof kKept - 1)
                         : uv_buf_init((char*)kClosed, sizeof kClosed - 1);
  const int sent = uv_try_write((uv_stream_t*)&c->tcp, &answer, 1);
  if (sent < (int)answer.len) {
    Write* const rest = malloc(sizeof *rest);
    const unsigned taken = sent < 0 ? 0 : (unsigned)sent;
    rest->buffer = uv_buf_init(answer.base + taken, answer.len - taken);
    uv_write(&rest->request, (uv_stream_t*)&c->tcp, &rest->buffer, 1,
             OnWritten);
  }
  if (!keep) {
    c->shutdown.data = c;
    uv_shutdown(&c->shutdown, (uv_stream_t*)&c->tcp, OnShutdown);
  }
  return 0;
}

static void OnAlloc(uv_handle_t* handle, size_t size, uv_buf_t* out) {
  (void)handle;
  (void)size;
  *out = uv_buf_init(buffer, sizeof buffer);
}

static void OnRead(uv_stream_t* stream, ssize_t got, const uv_buf_t* data) {
  Connection* const c = stream->data;
  if (got < 0 || (got > 0 && llhttp_execute(&c->parser, data->base,
                                            (size_t)got) != HPE_OK)) {
    Close(c);
  }
}

static void OnConnection(uv_stream_t* server, int status) {
  if (status < 0) return;
  Connection* const c = calloc(1, sizeof *c);
  c->tcp.data = c;
  uv_tcp_init(server->loop, &c->tcp);
  if (uv_accept(server, (uv_stream_t*)&c->tcp) != 0) {
    Close(c);
    return;
  }
  uv_tcp_nodelay(&c->tcp, 1);
  llhttp_init(&c->parser, HTTP_REQUEST, &settings);
  c->parser.data = c;
  uv_read_start((uv_stream_t*)&c->tcp, OnAlloc, OnRead);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "uv_server PORT\n");
    return 2;
  }
  llhttp_settings_init(&settings);
  settings.on_message_complete = OnComplete;
  uv_loop_t* const loop = uv_default_loop();
  uv_tcp_t server;
  struct sockaddr_in address;
  uv_ip4_addr("127.0.0.1", atoi(argv[1]), &address);
  uv_tcp_init(loop, &server);
  uv_tcp_bind(&server, (const struct sockaddr*)&address, 0);
  if (uv_listen((uv_stream_t*)&server, 511, OnConnection) != 0) {
    fprintf(stderr, "uv_server: cannot listen\n");
    return 1;
  }
  return uv_run(loop, UV_RUN_DEFAULT);
}
