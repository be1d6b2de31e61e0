import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createBreachedPasswords } from './breached-passwords.ts';
import { createPasswordPolicy } from './password-policy.ts';
import { policy } from './test/policy.ts';

const owner = { email: 'mara.gatekeeper@example.org', name: 'Mara Gatekeeper' };
const good = 'a drawbridge in the rain';

test.each([
  ['fourteen chars', 'too_short'],
  ['𝒫𝒫𝒫𝒫𝒫𝒫𝒫𝒫𝒫𝒫', 'too_short'],
  ['x'.repeat(1025), 'too_long'],
  ['ﬃ'.repeat(400), 'too_long'], // 1,200 bytes as typed and after NFKC
  ['passwordpassword', 'too_easy'],
  ['P@ssw0rdP@ssw0rd', 'too_easy'],
  ['aaaaaaaaaaaaaaaaaaaaaa', 'too_easy'],
  ['1234567890123456', 'too_easy'],
  ['qwertyuiopasdfghjkl', 'too_easy'],
  ['1qaz2wsx3edc4rfv', 'too_common'],
  ['mara.gatekeeper@example.org', 'too_easy'],
  ['maragatekeepermara', 'too_easy'],
  ['portcullisportcullis', 'too_easy'],
])('R-40, R-41: %j is %s', async (password, reason) => {
  expect(await policy.judge(password, owner)).toEqual({ ok: false, reason });
});

test.each([
  good,
  'only small letters here',
  '🌧 🏰 🌉 🐎 🗝 🛡 🔥 🪵 🐉 🏹 🌙 🍞 🥾 🧭 ⚔',
  'das Pferd frisst keinen Gurkensalat',
  `${'vY8!q'.repeat(3)}${'z'.repeat(100)}`,
])('R-42: %j is good: any characters, no rules of composition', async (password) => {
  expect(await policy.judge(password, owner)).toEqual({ ok: true });
});

test('R-40: with a second factor eight characters are enough, and no weak ones', async () => {
  expect(await policy.judge('x4Kqz9!v', owner)).toEqual({ ok: false, reason: 'too_short' });
  expect(await policy.judge('x4Kqz9!v', { ...owner, secondFactor: true })).toEqual({ ok: true });
  expect(await policy.judge('iloveyou1', { ...owner, secondFactor: true })).toEqual({
    ok: false,
    reason: 'too_common',
  });
});

test('A-17: nobody keeps the judge busy, or anybody waiting, with what is hard to judge', async () => {
  const hard = [
    '4@8({[<3€&6#9!|10$57+%2'.repeat(40),
    '01/02/1999 '.repeat(90),
    'l1i!I|'.repeat(150),
    'ab1'.repeat(300),
  ];
  await policy.judge(good, owner); // the dictionaries are there
  let longestStall = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    longestStall = Math.max(longestStall, performance.now() - last);
    last = performance.now();
  }, 5);
  const started = performance.now();

  for (const password of hard) await policy.judge(password, owner);

  clearInterval(watch);
  expect((performance.now() - started) / hard.length).toBeLessThan(1000);
  expect(longestStall).toBeLessThan(100);
});

/** A range API as of Have I Been Pwned, and what it was asked. */
async function breaches(answer: (req: IncomingMessage, res: ServerResponse) => void) {
  const asked: IncomingMessage[] = [];
  const server = createServer((req, res) => {
    asked.push(req);
    answer(req, res);
  }).listen(0);
  await once(server, 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}/range/`;
  const asking = createPasswordPolicy({
    strength: () => Promise.resolve({ score: 4, common: false }),
    breached: createBreachedPasswords({ url }),
    product: 'Portcullis',
  });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { judge: asking.judge, asked, [Symbol.dispose]: close };
}

const suffixOf = (password: string) => createHash('sha1').update(password).digest('hex').toUpperCase().slice(5);

test('R-41: a password known from a breach is refused, of which five digits of a hash were sent; padding is none', async () => {
  const known = 'known from a breach';
  using service = await breaches((_, res) =>
    res.end(`${'0'.repeat(35)}:7\r\n${suffixOf(known)}:3\r\n${suffixOf(good)}:0\r\n`),
  );

  expect(await service.judge(known, owner)).toEqual({ ok: false, reason: 'breached' });
  expect(await service.judge(good, owner)).toEqual({ ok: true });

  expect(service.asked.map(({ url }) => url)).toEqual([
    expect.stringMatching(/^\/range\/[0-9A-F]{5}$/),
    expect.stringMatching(/^\/range\/[0-9A-F]{5}$/),
  ]);
  expect(service.asked[0]?.headers['add-padding']).toBe('true');
});

test.each([
  ['fails', (_: IncomingMessage, res: ServerResponse) => void res.writeHead(500).end(suffixOf(good))],
  ['redirects', (_: IncomingMessage, res: ServerResponse) => void res.writeHead(302, { location: '/' }).end()],
  ['does not answer', () => {}],
])('a service that %s keeps nobody from a password, and nobody waiting', async (_, answer) => {
  using service = await breaches(answer);
  const started = performance.now();

  expect(await service.judge(good, owner)).toEqual({ ok: true });

  expect(performance.now() - started).toBeLessThan(3000);
});
