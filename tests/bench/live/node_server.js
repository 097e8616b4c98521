// Node's own server, with the same answer: node_server.js http|echo PORT.
'use strict';
const [mode, port] = [process.argv[2], Number(process.argv[3])];
const server = mode === 'echo'
  ? require('net').createServer({ noDelay: true }, (s) => {
      s.on('data', (d) => s.write(d));
      s.on('error', () => {});
    })
  : require('http').createServer((req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 12 });
      res.end('hello world\n');
    });
server.listen(port, '127.0.0.1', 511);
