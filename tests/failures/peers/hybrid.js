// A server of X25519MLKEM768 alone: Node 24 and later, which have an OpenSSL that knows it.
//     node hybrid.js PORT CHAIN KEY KEYLOG [GROUPS]
'use strict';
const fs = require('fs');
const https = require('https');
const [port, chain, key, keylog, groups] = process.argv.slice(2);
const server = https.createServer(
    {cert: fs.readFileSync(chain), key: fs.readFileSync(key), ecdhCurve: groups || 'X25519MLKEM768', minVersion: 'TLSv1.3'},
    (request, response) => response.end('<!doctype html>\n<title>wiretale</title>\n'));
server.on('keylog', (line) => fs.appendFileSync(keylog, line));
server.listen(Number(port), '0.0.0.0');
