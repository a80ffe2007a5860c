// A client or a server by Node's tls: node node_tls.mjs client|server KEY=VALUE... (README.md)
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

const words = Object.fromEntries(process.argv.slice(3).map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
const names = { x25519: 'X25519', x448: 'X448', secp256r1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
const answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n';

function common() {
  const options = { minVersion: 'TLSv' + words.version, maxVersion: 'TLSv' + words.version };
  options.ecdhCurve = words.groups.split(',').map(name => names[name] ?? name).join(':');
  if (words.dh) {
    options.ciphers = 'DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384';
    delete options.ecdhCurve;
  }
  if (words.alpn === '1')
    options.ALPNProtocols = ['http/1.1'];
  if (words.tickets === '0')
    options.secureOptions = constants.SSL_OP_NO_TICKET;
  if (words.chain)
    Object.assign(options, { cert: readFileSync(words.chain), key: readFileSync(words.key) });
  if (words.ca)
    options.ca = readFileSync(words.ca);
  return options;
}

function tell(socket) {
  console.log(JSON.stringify({ version: socket.getProtocol().replace('TLSv', 'TLS '), cipher_suite: socket.getCipher().standardName,
    resumed: socket.isSessionReused(), alpn: socket.alpnProtocol || null }));
}

function serve() {
  const options = { ...common(), requestCert: 'ca' in words, rejectUnauthorized: 'ca' in words }, sessions = new Map();
  if (words.dh)
    options.dhparam = readFileSync(words.dh);
  const server = tls.createServer(options, socket => {
    socket.once('data', () => {
      tell(socket);
      socket.end(answer);
    });
    socket.on('error', e => console.log('failed: ' + e));
  });
  server.on('tlsClientError', e => console.log('failed: ' + e));
  server.on('newSession', (id, data, done) => { sessions.set(id.toString('hex'), data); done(); });
  server.on('resumeSession', (id, done) => done(null, sessions.get(id.toString('hex')) ?? null));
  server.listen(Number(words.port), '127.0.0.1');
}

function connect(left, session) {
  const socket = tls.connect({ ...common(), host: '127.0.0.1', port: Number(words.port), servername: words.host, session });
  let got = '', next = session;
  socket.on('session', s => { next = s; });
  socket.on('secureConnect', () => {
    tell(socket);
    socket.write(`GET / HTTP/1.1\r\nHost: ${words.host}\r\nConnection: close\r\n\r\n`);
  });
  socket.on('data', data => { got += data; });
  socket.on('error', e => { console.log('failed: ' + e); process.exit(1); });
  socket.on('close', () => {
    if (!got.startsWith('HTTP/1.1 200'))
      process.exit(1);
    if (left > 1)
      connect(left - 1, next);
  });
}

process.argv[2] === 'server' ? serve() : connect(Number(words.count));
