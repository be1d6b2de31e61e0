import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { listenForLogouts } from '../logout-receiver.ts';
import { declareClient, refusalOf } from '../test-client.ts';
import { newVisitor } from '../visitor.ts';
import { acknowledged } from './acknowledged.ts';
import { expect, nodeNames, test, type Arena } from './arena.ts';
import { healed } from './nemesis.ts';
import { answersTo, lastAccepted, newWitness, tell, watchToken } from './witness.ts';

const boundMs = 5000;
const healMs = 5000;

test.afterEach(async ({ arena }) => {
  await arena.mend();
  await healed(arena);
});

test('F-03: a node dies after it has acknowledged a revocation and before Redis has it', async ({ arena }) => {
  const witness = await newWitness(arena);
  arena.redis.pause();
  await revokeAt('idp-1', arena, witness.tokens.access_token);
  const ackedAt = performance.now();
  arena.kill('idp-1');
  const watched = watchToken(witness, arena);
  await delay(1000);
  arena.redis.resume();
  const began = performance.now();
  await expect.poll(() => answersTo(witness, arena), { intervals: [50] }).toEqual([401, 401, 401]);
  const ms = performance.now() - began;
  await arena.startAgain('idp-1');
  const last = lastAccepted(await watched.stop(), ackedAt);
  tell('a node killed between commit and publication', { 'in force after, ms': ms, 'last accepted, ms': last });
  expect(ms).toBeLessThan(healMs);
  expect(last).toBeLessThanOrEqual(boundMs);
});

test('F-01, F-04: revoked, then every process and Redis killed and started again: nothing of it is accepted', async ({
  arena,
}) => {
  const { stack, client, portcullis } = arena;
  const { urls } = stack;
  const [kept, banned, ended, signedOut, reused] = [
    await newWitness(arena),
    await newWitness(arena),
    await newWitness(arena),
    await newWitness(arena),
    await newWitness(arena),
  ];
  const dead = [banned, ended, signedOut, reused];
  const cookies = await Promise.all(dead.map(({ visitor }) => visitor.cookies()));
  const { refresh_token: second } = await client.refresh(reused.tokens.refresh_token);
  await acknowledged(portcullis, ['ban', banned.person.email, '--reason', 'spam']);
  await acknowledged(portcullis, ['sessions', 'end', ended.person.email, '--all']);
  expect((await signedOut.visitor.signOut()).text).toContain('You are signed out');
  expect(await refusalOf(client.refresh(reused.tokens.refresh_token))).toBe('invalid_grant');

  const names = [...nodeNames(arena), 'shop', 'forum', 'dashboard'];
  for (const name of names) arena.kill(name);
  await arena.redis.restart();
  const began = performance.now();
  await Promise.all(names.map((name) => arena.startAgain(name)));
  await healed(arena);
  tell('everything killed', { 'all serves again after, ms': performance.now() - began });

  for (let round = 0; round < 5; round++) {
    for (const witness of dead) expect(await answersTo(witness, arena)).toEqual([401, 401, 401]);
    expect(await answersTo(kept, arena)).toEqual([200, 200, 200]);
  }
  for (const refreshToken of [...dead.map(({ tokens }) => tokens.refresh_token), second])
    expect(await refusalOf(client.refresh(refreshToken))).toBe('invalid_grant');
  for (const [index, witness] of dead.entries()) {
    if (witness === reused) continue; // one family of tokens died, not the session
    const copy = await newVisitor(stack, { cookies: cookies[index] });
    for (const url of [`${urls.shop}/orders`, urls.forum, urls.dashboard, urls.idp])
      expect((await copy.open(url)).text).not.toContain(witness.person.name);
    await copy.close();
  }
  expect((await kept.visitor.open(`${urls.shop}/orders`)).text).toContain(kept.person.name);
});

test('F-19: an application that is down while people sign out is told once it is back, and nobody waits for it', async ({
  arena,
}) => {
  const down = await listenForLogouts();
  const client = await declareClient(arena.stack, arena.portcullis, { backchannelLogoutUri: down.url });
  await down[Symbol.asyncDispose]();
  const { visitor, person } = await newWitness(arena);
  await client.tokens(visitor.browser);
  const began = performance.now();
  expect((await visitor.signOut()).text).toContain('You are signed out');
  const waited = performance.now() - began;
  await delay(1000);
  await using up = await listenForLogouts(down.port);
  const backAt = performance.now();
  await expect.poll(() => up.tokens, { timeout: 60_000 }).toEqual([expect.objectContaining({ sub: person.id })]);
  tell('an application down', { 'sign-out took, ms': waited, 'told after its return, ms': performance.now() - backAt });
  expect(waited, 'by design 1 s').toBeLessThan(3000);
});

/** RFC 7009, of one node and no other; resolves when it has answered. */
function revokeAt(name: string, { stack, client }: Arena, token: string): Promise<void> {
  const port = stack.processes.find((it) => it.name === name)?.port;
  const { client_id: id, client_secret: secret } = client.configuration.clientMetadata();
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path: '/token/revocation',
        method: 'POST',
        headers: {
          host: new URL(stack.urls.idp).host,
          authorization: `Basic ${btoa(`${id}:${String(secret)}`)}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
      },
      (response) => {
        response.resume();
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${name} answered ${response.statusCode}`));
      },
    );
    asked.once('error', reject);
    asked.end(new URLSearchParams({ token }).toString());
  });
}
