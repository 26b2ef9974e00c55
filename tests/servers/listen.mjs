// What the servers of Node share: listening, telling where, counting connections,
// and stopping together with the test that started them.

import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { parseArgs } from 'node:util';

/**
 * Listens on 127.0.0.1, at a port the system chooses, with the request handler
 * that `makeHandler(origin)` returns. The origin is known only once the server
 * listens, and an issuer has to carry it: hence a function.
 *
 * Options on the command line: --cert and --key (PEM files) for TLS, and
 * --tls-max, the newest TLS version to offer, e.g. TLSv1.2. With --public-host
 * the origin has that host, while every request names 127.0.0.1: so it is
 * behind a proxy that does not pass on the name by which it was asked.
 */
export async function listen(makeHandler) {
  const { values: options } = parseArgs({
    options: {
      cert: { type: 'string' },
      key: { type: 'string' },
      'tls-max': { type: 'string', default: 'TLSv1.3' },
      'public-host': { type: 'string' },
    },
  });

  const seen = new WeakSet(); // connections
  let opened = 0; // all connections, used or not
  let connections = 0;
  let requests = 0;
  let tls = null; // the TLS version of the newest connection
  let address; // host and port
  let handler;

  function serve(request, response) {
    // The test asks here whether two sign-ins shared a connection. Its own
    // questions are not counted.
    if (request.url === '/counts') {
      opened -= 1;
      response.end(JSON.stringify({ opened, connections, requests, tls }));
      return;
    }
    requests += 1;
    if (!seen.has(request.socket)) {
      seen.add(request.socket);
      connections += 1;
      tls = request.socket.getProtocol?.() ?? null;
    }
    if (options['public-host']) request.headers.host = address;
    handler(request, response);
  }

  const server = options.cert
    ? https.createServer(
        {
          cert: fs.readFileSync(options.cert),
          key: fs.readFileSync(options.key),
          maxVersion: options['tls-max'],
        },
        serve,
      )
    : http.createServer(serve);
  server.on('connection', () => {
    opened += 1;
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  const { port } = server.address();
  address = `127.0.0.1:${port}`;
  const origin = `${options.cert ? 'https' : 'http'}://${options['public-host'] ?? '127.0.0.1'}:${port}`;
  handler = await makeHandler(origin);

  // However the test ends, its end of this pipe closes, and so does the server.
  process.stdin.on('end', () => process.exit(0)).resume();

  // The one line on stdout that the test waits for.
  console.log(`ready ${origin}`);
}
