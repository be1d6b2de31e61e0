import { once } from 'node:events';
import http from 'node:http';
import { expect, test } from 'vitest';
import { freePort } from './ports.mjs';
import { startRoundRobin } from './round-robin.mjs';

test('requests go round, and what a caller claims about itself is overwritten', async () => {
  const seen = [];
  const nodes = await Promise.all(
    [1, 2, 3].map((name) =>
      startNode((request, response) => {
        seen.push(request.headers);
        response.setHeader('set-cookie', ['a=1', 'b=2']).end(String(name));
      }),
    ),
  );
  await using proxy = await startProxy(nodes);
  const answers = [];
  for (let i = 0; i < 6; i++) {
    const answer = await send(proxy, {
      headers: { host: 'id.example', 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', 'x-real-ip': '6.6.6.6' },
    });
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    answers.push(answer.body);
  }
  expect(answers.join('')).toMatch(/^(123123|231231|312312)$/);
  for (const headers of seen) {
    expect(headers).toMatchObject({
      host: 'id.example',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'id.example',
    });
    expect(JSON.stringify(headers)).not.toContain('6.6.6.6');
  }
  await close(nodes);
});

test('a node that refuses connections costs nobody a request, not even a form', async () => {
  const alive = await startNode(async (request, response) => response.end(await read(request)));
  await using proxy = await startProxy([{ port: await freePort() }, alive, { port: await freePort() }]);
  const body = 'x'.repeat(300_000);
  for (let i = 0; i < 6; i++) expect(await send(proxy, { method: 'POST', body })).toMatchObject({ status: 200, body });
  await close([alive]);
});

test('of requests that their node drops unanswered, a GET goes to the next node and a POST never does', async () => {
  let posts = 0;
  const dying = await startNode((request) => {
    if (request.method === 'POST') posts++;
    request.socket.destroy();
  });
  const alive = await startNode((request, response) => {
    if (request.method === 'POST') posts++;
    response.end('alive');
  });
  await using proxy = await startProxy([dying, alive]);
  for (let i = 0; i < 4; i++) expect(await send(proxy, {})).toMatchObject({ status: 200, body: 'alive' });
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await send(proxy, { method: 'POST', body: 'once' })).status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 502, 502]);
  expect(posts).toBe(4);
  await close([dying, alive]);
});

async function startProxy(nodes) {
  const port = await freePort();
  const proxy = await startRoundRobin({ port, targets: nodes.map((node) => node.port) });
  return { port, [Symbol.asyncDispose]: () => proxy.stop() };
}

async function startNode(handle) {
  const server = http.createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: server.address().port };
}

async function close(nodes) {
  for (const { server } of nodes) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function send({ port }, { method = 'GET', headers = {}, body }) {
  const request = http.request({ host: '127.0.0.1', port, method, headers, agent: false });
  request.end(body);
  const [response] = await once(request, 'response');
  return { status: response.statusCode, headers: response.headers, body: await read(response) };
}

async function read(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
