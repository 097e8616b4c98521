// Bytes that attack an http server, or look like it, and what Node 20 made of
// each: recorded from node v20.20.2 over a socket.
#ifndef TESTS_NET_HTTP_HOSTILE_INPUTS_H_
#define TESTS_NET_HTTP_HOSTILE_INPUTS_H_

#include <string>
#include <vector>

namespace simloop::net {

struct HostileInput {
  std::string name;
  std::string bytes;
  // What 'clientError' got, "" for nothing: code, and text after
  // "Parse Error: ".
  std::string error;
  // What 'request' got: "GET /, GET /2".
  std::string requests;
  // Without a listener of 'clientError': the status codes that came, and
  // whether the server ended the connection within a quarter of a second.
  std::string statuses;
  bool ends;
};

// A literal with its zero bytes.
template <size_t kSize>
std::string S(const char (&literal)[kSize]) {
  return std::string(literal, kSize - 1);
}

inline std::string Times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

inline std::vector<HostileInput> HostileInputs() {
  return {
      {"bareLF", S("GET / HTTP/1.1\nHost: x\n\n"),
       "HPE_INVALID_VERSION Expected CRLF after version", "", "400", true},
      {"bareLFheaders", S("GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"),
       "HPE_CR_EXPECTED Missing expected CR after header value", "", "400",
       true},
      {"crOnly", S("GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n"),
       "HPE_LF_EXPECTED Missing expected LF after header value", "", "400",
       true},
      {"teCL",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
       "HPE_INVALID_CONTENT_LENGTH Content-Length can't be present with "
       "Transfer-Encoding",
       "", "400", true},
      {"clTE",
       S("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
         "3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       "HPE_INVALID_TRANSFER_ENCODING Transfer-Encoding can't be present with "
       "Content-Length",
       "", "400", true},
      {"clcl",
       S("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: "
         "3\r\n\r\nabc"),
       "HPE_UNEXPECTED_CONTENT_LENGTH Duplicate Content-Length", "", "400",
       true},
      {"clbad",
       S("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3a\r\n\r\nabc"),
       "HPE_INVALID_CONTENT_LENGTH Invalid character in Content-Length", "",
       "400", true},
      {"clplus",
       S("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc"),
       "HPE_INVALID_CONTENT_LENGTH Invalid character in Content-Length", "",
       "400", true},
      {"clempty",
       S("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\nabc"),
       "HPE_INVALID_CONTENT_LENGTH Empty Content-Length", "", "400", true},
      {"clover",
       S("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
         "99999999999999999999\r\n\r\nabc"),
       "HPE_INVALID_CONTENT_LENGTH Content-Length overflow", "", "400", true},
      {"teNotFinal",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, "
         "gzip\r\n\r\n0\r\n\r\n"),
       "HPE_INVALID_TRANSFER_ENCODING Invalid `Transfer-Encoding` header value",
       "", "400", true},
      {"teUnknown",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "gzip\r\n\r\n0\r\n\r\n"),
       "HPE_INVALID_TRANSFER_ENCODING Request has invalid `Transfer-Encoding`",
       "POST /", "400", true},
      {"teTwice",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       "", "POST /", "200", false},
      {"teTwiceBad",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
       "HPE_INVALID_TRANSFER_ENCODING Invalid `Transfer-Encoding` header value",
       "", "400", true},
      {"tePrefix",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "xchunked\r\n\r\n0\r\n\r\n"),
       "HPE_INVALID_TRANSFER_ENCODING Request has invalid `Transfer-Encoding`",
       "POST /", "400", true},
      {"teObsfold",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n "
         "chunked\r\n\r\n0\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header value char", "", "400", true},
      {"spaceColon", S("GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header token", "", "400", true},
      {"leadSpace", S("GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
       "HPE_UNEXPECTED_SPACE Unexpected space after start line", "", "400",
       true},
      {"obsfold", S("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Unexpected whitespace after header value", "",
       "400", true},
      {"obsfoldHost", S("GET / HTTP/1.1\r\nHost:\r\n x\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header value char", "", "400", true},
      {"nul", S("GET / HTTP/1.1\r\nHost: x\r\nA: b\000c\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header value char", "", "400", true},
      {"ctl", S("GET / HTTP/1.1\r\nHost: x\r\nA: b\001c\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header value char", "", "400", true},
      {"obs", S("GET / HTTP/1.1\r\nHost: x\r\nA: b\377c\r\n\r\n"), "", "GET /",
       "200", false},
      {"chunkSpace",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3 "
         "\r\nabc\r\n0\r\n\r\n"),
       "HPE_INVALID_CHUNK_SIZE Invalid character in chunk size", "POST /",
       "400", true},
      {"chunkTab",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\t\r\nabc\r\n0\r\n\r\n"),
       "HPE_INVALID_CHUNK_SIZE Invalid character in chunk size", "POST /",
       "400", true},
      {"chunkExt",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n"),
       "", "POST /", "200", false},
      {"chunkExtLF",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3;a=b\nabc\r\n0\r\n\r\n"),
       "HPE_CR_EXPECTED Missing expected CR after chunk extension value",
       "POST /", "400", true},
      {"chunkExtCR",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3;a=\rb\r\nabc\r\n0\r\n\r\n"),
       "HPE_STRICT Expected LF after chunk size", "POST /", "400", true},
      {"chunkExtBad",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3;a=\001\r\nabc\r\n0\r\n\r\n"),
       "HPE_STRICT Invalid character in chunk extensions value", "POST /",
       "400", true},
      {"chunkLF",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\nabc\r\n0\r\n\r\n"),
       "HPE_CR_EXPECTED Missing expected CR after chunk size", "POST /", "400",
       true},
      {"chunkNoCRLF",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\nabc0\r\n\r\n"),
       "HPE_STRICT Expected LF after chunk data", "POST /", "400", true},
      {"chunkEndLF",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\nabc\n0\r\n\r\n"),
       "HPE_CR_EXPECTED Missing expected CR after chunk data", "POST /", "400",
       true},
      {"chunkBad",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\nx\r\nabc\r\n0\r\n\r\n"),
       "HPE_INVALID_CHUNK_SIZE Invalid character in chunk size", "POST /",
       "400", true},
      {"chunkEmpty",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n"),
       "HPE_INVALID_CHUNK_SIZE Invalid character in chunk size", "POST /",
       "400", true},
      {"chunkOver",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n10000000000000000\r\nabc\r\n0\r\n\r\n"),
       "HPE_INVALID_CHUNK_SIZE Chunk size overflow", "POST /", "400", true},
      {"chunk0x",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"),
       "HPE_INVALID_CHUNK_SIZE Invalid character in chunk size", "POST /",
       "400", true},
      {"chunkLastLF",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\nabc\r\n0\n\n"),
       "HPE_CR_EXPECTED Missing expected CR after chunk size", "POST /", "400",
       true},
      {"afterClose",
       S("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /2 "
         "HTTP/1.1\r\nHost: x\r\n\r\n"),
       "HPE_CLOSED_CONNECTION Data after `Connection: close`", "GET /", "400",
       true},
      {"afterClose10", S("GET / HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"),
       "HPE_CLOSED_CONNECTION Data after `Connection: close`", "GET /", "400",
       true},
      {"version2", S("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), "", "GET /", "200",
       true},
      {"version12", S("GET / HTTP/1.2\r\nHost: x\r\n\r\n"),
       "HPE_INVALID_VERSION Invalid HTTP version", "", "400", true},
      {"version09", S("GET /\r\n\r\n"), "", "GET /", "200", true},
      {"version09b", S("GET / HTTP/0.9\r\n\r\n"), "", "GET /", "200", true},
      {"lower", S("get / HTTP/1.1\r\nHost: x\r\n\r\n"),
       "HPE_INVALID_METHOD Invalid method encountered", "", "400", true},
      {"crlfFirst", S("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), "", "GET /",
       "200", false},
      {"lfFirst", S("\n\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), "", "GET /",
       "200", false},
      {"spaceFirst", S(" GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
       "HPE_INVALID_METHOD Invalid method encountered", "", "400", true},
      {"twospaces", S("GET  / HTTP/1.1\r\nHost: x\r\n\r\n"), "", "GET /", "200",
       false},
      {"urlspace", S("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"),
       "HPE_INVALID_CONSTANT Expected HTTP/, RTSP/ or ICE/", "", "400", true},
      {"urlctl", S("GET /\001 HTTP/1.1\r\nHost: x\r\n\r\n"),
       "HPE_INVALID_URL Invalid char in url path", "", "400", true},
      {"url8", S("GET /\351 HTTP/1.1\r\nHost: x\r\n\r\n"),
       "HPE_INVALID_URL Invalid char in url path", "", "400", true},
      {"urlfrag", S("GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n"), "", "GET /a#b",
       "200", false},
      {"absolute", S("GET http://a/b HTTP/1.1\r\nHost: x\r\n\r\n"), "",
       "GET http://a/b", "200", false},
      {"star", S("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"), "", "OPTIONS *",
       "200", false},
      {"noHost", S("GET / HTTP/1.1\r\n\r\n"), "", "", "400", true},
      {"hosts", S("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"), "", "GET /",
       "200", false},
      {"pri", S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
       "HPE_PAUSED_H2_UPGRADE Pause on PRI/Upgrade", "", "400", true},
      {"source", S("SOURCE / HTTP/1.1\r\nHost: x\r\n\r\n"), "", "SOURCE /",
       "200", false},
      {"rtsp", S("SETUP / RTSP/1.0\r\nHost: x\r\n\r\n"), "", "SETUP /", "200",
       true},
      {"emptyName", S("GET / HTTP/1.1\r\nHost: x\r\n: v\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header token", "", "400", true},
      {"noColon", S("GET / HTTP/1.1\r\nHost: x\r\nfoo\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header token", "", "400", true},
      {"badName", S("GET / HTTP/1.1\r\nHost: x\r\nf(o: v\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header token", "", "400", true},
      {"badNameAt", S("GET / HTTP/1.1\r\nHost: x\r\nf@o: v\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header token", "", "400", true},
      {"tabValue", S("GET / HTTP/1.1\r\nHost: x\r\nA:\tv\t\r\n\r\n"), "",
       "GET /", "200", false},
      {"del", S("GET / HTTP/1.1\r\nHost: x\r\nA: \177\r\n\r\n"),
       "HPE_INVALID_HEADER_TOKEN Invalid header value char", "", "400", true},
      {"crcrlf", S("GET / HTTP/1.1\r\nHost: x\r\r\n\r\n"),
       "HPE_LF_EXPECTED Missing expected LF after header value", "", "400",
       true},
      {"crlfcr", S("GET / HTTP/1.1\r\nHost: x\r\n\rGET"),
       "HPE_STRICT Expected LF after headers", "", "400", true},
      {"bigHeader",
       S("GET / HTTP/1.1\r\nHost: x\r\nA: ") + Times(17000, "a") +
           S("\r\n\r\n"),
       "HPE_HEADER_OVERFLOW Header overflow", "", "431", true},
      {"bigHeaderOk",
       S("GET / HTTP/1.1\r\nHost: x\r\nA: ") + Times(16300, "a") +
           S("\r\n\r\n"),
       "", "GET /", "200", false},
      {"bigUrl",
       S("GET /") + Times(17000, "a") + S(" HTTP/1.1\r\nHost: x\r\n\r\n"),
       "HPE_HEADER_OVERFLOW Header overflow", "", "431", true},
      {"bigName",
       S("GET / HTTP/1.1\r\nHost: x\r\n") + Times(17000, "a") +
           S(": v\r\n\r\n"),
       "HPE_HEADER_OVERFLOW Header overflow", "", "431", true},
      {"manyHeaders",
       S("GET / HTTP/1.1\r\nHost: x\r\n") + Times(3000, "a: b\r\n") + S("\r\n"),
       "", "GET /", "200", false},
      {"bigExt",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3;a=") +
           Times(17000, "b") + S("\r\nabc\r\n0\r\n\r\n"),
       "HPE_CHUNK_EXTENSIONS_OVERFLOW Chunk extensions overflow", "POST /",
       "413", true},
      {"bigTrailer",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n0\r\nA: ") +
           Times(17000, "b") + S("\r\n\r\n"),
       "HPE_HEADER_OVERFLOW Header overflow", "POST /", "431", true},
      {"trailer",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n0\r\nA: b\r\n\r\n"),
       "", "POST /", "200", false},
      {"trailerLF",
       S("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n0\r\nA: b\n\n"),
       "HPE_CR_EXPECTED Missing expected CR after header value", "POST /",
       "400", true},
      {"garbageAfter", S("GET / HTTP/1.1\r\nHost: x\r\n\r\n\000\001"),
       "HPE_INVALID_METHOD Invalid method encountered", "GET /", "400", true},
      {"getBody",
       S("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /2 "
         "HTTP/1.1\r\nHost: x\r\n\r\n"),
       "", "GET /, GET /2", "200,200", false},
      {"connClose",
       S("GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, close\r\n\r\n"), "",
       "GET /", "200", true},
      {"te10",
       S("POST / HTTP/1.0\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
       "", "POST /", "200", true},
      {"te10ka",
       S("POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
       "", "POST /", "200", true},
      {"upgradeNoListener",
       S("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: y\r\nConnection: "
         "upgrade\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
       "", "GET /", "200", false},
      {"connect", S("CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n"), "", "", "",
       true},
      {"expectOther", S("GET / HTTP/1.1\r\nHost: x\r\nExpect: foo\r\n\r\n"), "",
       "", "417", false},
      {"expect100",
       S("GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"), "",
       "GET /", "100,200", false},
      {"tls", S("\026\003\001\002\000\001\000\001\374\003\003"),
       "HPE_INVALID_METHOD Invalid method encountered", "", "400", true},
  };
}

}  // namespace simloop::net

#endif  // TESTS_NET_HTTP_HOSTILE_INPUTS_H_
