import { eventually } from '@portcullis/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createIntrospection } from './introspection.ts';
import { startIssuer } from './test-issuer.ts';

async function bench() {
  const issuer = await startIssuer();
  onTestFinished(() => issuer[Symbol.asyncDispose]());
  const log = { info: vi.fn<() => void>(), warn: vi.fn<() => void>(), error: vi.fn<() => void>() };
  const introspect = createIntrospection({ issuer: issuer.url, clientId: 'a shop', clientSecret: 'x:y&%', log });
  return { issuer, introspect, log, says: issuer.state.introspection };
}

test('RFC 7662 the issuer is asked at the address it names, with the credentials form-encoded', async () => {
  const { introspect, says } = await bench();

  expect(await introspect('a.b.c')).toBe(true);

  expect(says.asked).toEqual([
    { authorization: `Basic ${btoa('a+shop:x%3Ay%26%25')}`, form: { token: 'a.b.c', token_type_hint: 'access_token' } },
  ]);
  says.answer = { active: false };
  expect(await introspect('d.e.f')).toBe(false);
});

test('F-08 an answer serves everybody who asks within five seconds, and no longer', async () => {
  const { introspect, says } = await bench();
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());

  expect(await Promise.all(Array.from({ length: 50 }, () => introspect('a.b.c')))).not.toContain(false);
  expect(says.asked).toHaveLength(1);

  says.answer = { active: false };
  vi.advanceTimersByTime(4900);
  expect(await introspect('a.b.c')).toBe(true);
  vi.advanceTimersByTime(200);
  expect(await eventually(async () => !(await introspect('a.b.c')))).toBe(true);
});

test('F-05 an issuer that hangs is given up after two seconds, and then nobody waits for a second', async () => {
  const { introspect, says } = await bench();
  says.hangs = true;
  const started = performance.now();
  await expect(introspect('a.b.c')).rejects.toThrow('timeout');
  expect(performance.now() - started).toBeLessThan(2500);

  const again = performance.now();
  await expect(introspect('d.e.f')).rejects.toThrow('timeout');
  expect(performance.now() - again).toBeLessThan(100);
  expect(says.asked).toHaveLength(1);
});

test.for([
  ['refuses the credentials', { status: 401, answer: { error: 'invalid_client' } }],
  ['fails', { status: 500, answer: {} }],
  ['says neither yes nor no', { status: 200, answer: { active: 'true' } }],
] as const)('an issuer that %s has not answered, which is logged', async ([, wrong]) => {
  const { introspect, says, log } = await bench();
  Object.assign(says, wrong);

  await expect(introspect('a.b.c')).rejects.toThrow(/answered|did not say/);

  expect(log.warn).toHaveBeenCalledOnce();
});

test('metadata that speaks for another issuer is not followed', async () => {
  const { issuer, introspect, says } = await bench();
  issuer.state.issuer = 'https://evil.example';

  await expect(introspect('a.b.c')).rejects.toThrow('another issuer');
  expect(says.asked).toHaveLength(0);
});
