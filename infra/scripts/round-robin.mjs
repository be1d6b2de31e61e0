import http from 'node:http';

/** How long a node that refused a connection is left alone. */
const REST_MS = 500;
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
];
const FORWARDED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-real-ip',
];
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS'];

/**
 * A load balancer without stickiness: each request goes to the next node. What a caller claims about its address and
 * scheme is overwritten. A request moves on to another node when its node refuses the connection, or, being
 * idempotent, when its node dies before answering; so nothing is ever carried out twice.
 */
export async function startRoundRobin({ port, targets }) {
  const nodes = targets.map((target) => ({ port: target, restUntil: 0 }));
  const agent = new http.Agent({ keepAlive: true });
  let turn = 0;
  const server = http.createServer((request, response) => forward(request, response, candidates()));
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  return {
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const force = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(force);
      agent.destroy();
    },
  };

  /** Every node once, beginning with the one whose turn it is; those that failed a moment ago come last. */
  function candidates() {
    const first = turn++ % nodes.length;
    const round = [...nodes.slice(first), ...nodes.slice(0, first)];
    const now = Date.now();
    return [...round.filter((node) => node.restUntil <= now), ...round.filter((node) => node.restUntil > now)];
  }

  function forward(request, response, [node, ...others]) {
    if (!node) {
      answer(response, 502, 'No node answers.');
      return;
    }
    const hasBody =
      request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
    const repeatable = IDEMPOTENT.includes(request.method) && !hasBody;
    const upstream = http.request({
      host: '127.0.0.1',
      port: node.port,
      method: request.method,
      path: request.url,
      headers: forwardedHeaders(request),
      // A kept connection may turn out dead only after the request went out on it: for what may not be repeated, a new one.
      agent: repeatable ? agent : false,
    });
    let connected = false;
    upstream.once('socket', (socket) => {
      if (!socket.connecting) return send();
      socket.once('connect', send);
    });
    upstream.once('response', (reply) => {
      response.writeHead(reply.statusCode, reply.statusMessage, endToEnd(reply.rawHeaders));
      reply.pipe(response);
      reply.once('error', () => response.destroy());
    });
    upstream.once('error', () => {
      if (response.destroyed) return;
      if (!connected) node.restUntil = Date.now() + REST_MS;
      if (response.headersSent) response.destroy();
      else if (!connected || repeatable) forward(request, response, others);
      else answer(response, 502, 'The node ended before it answered.');
    });
    response.once('close', () => upstream.destroy());

    // Nothing of the body is taken from the caller before there is a connection, so it can still go elsewhere.
    function send() {
      connected = true;
      if (hasBody) request.pipe(upstream);
      else upstream.end();
    }
  }
}

function forwardedHeaders(request) {
  const headers = { ...request.headers };
  for (const name of [...HOP_BY_HOP, ...FORWARDED]) delete headers[name];
  headers['x-forwarded-for'] = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  headers['x-forwarded-proto'] = 'http';
  headers['x-forwarded-host'] = request.headers.host ?? '';
  return headers;
}

/** Pairs as they came, so that several Set-Cookie lines stay several. */
function endToEnd(rawHeaders) {
  const kept = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!HOP_BY_HOP.includes(rawHeaders[i].toLowerCase())) kept.push(rawHeaders[i], rawHeaders[i + 1]);
  }
  return kept;
}

function answer(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
