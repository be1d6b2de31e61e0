import { execFile } from 'node:child_process';
import { Secret } from '@portcullis/config';
import { expect, test } from 'vitest';
import { createLog } from './log.ts';

function capture(): { log: ReturnType<typeof createLog>; lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    log: createLog({ name: 'test', level: 'trace', destination: { write: (line: string) => void lines.push(line) } }),
  };
}

const canary = 'CanaryCanaryCanary0123456789';
const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ${canary}9.c2ln${canary}`;

const leaks: Record<string, (log: ReturnType<typeof createLog>) => void> = {
  'named fields': (log) =>
    log.info({
      authorization: canary,
      cookie: canary,
      password: canary,
      new_password: canary,
      passwordHash: canary,
      token: canary,
      access_token: canary,
      refreshToken: canary,
      secret: canary,
      client_secret: canary,
      clientSecret: canary,
      code_verifier: canary,
      otp: 123456,
      code: canary,
      csrf: canary,
      recovery_codes: [canary, canary],
      'set-cookie': [`a=${canary}`, `b=${canary}`],
    }),
  'fields deep inside': (log) =>
    log.info({ a: { b: { c: { d: { e: { password: canary, 'set-cookie': [canary] } } } } } }),
  'request headers as node has them': (log) =>
    log.info({ req: { headers: { authorization: `Bearer ${canary}`, cookie: `s=${canary}` } } }),
  'bindings of a child': (log) => log.child({ token: canary }).info('x'),
  'properties of an error': (log) =>
    log.error({ err: Object.assign(new Error('x'), { client_secret: canary, headers: { cookie: canary } }) }),
  'an error message with a URL': (log) => log.error(new Error(`GET /cb?state=${canary}&code=${canary}&iss=x failed`)),
  'a form body in text': (log) => log.info(`body was grant_type=password&password=${canary}&x=1`),
  'a bearer token in text': (log) => log.info(`refused Authorization: Bearer ${canary}`),
  'basic credentials in text': (log) => log.info(`refused Basic ${canary}==`),
  'a JWT in text': (log) => log.warn(`bad token ${jwt}`),
  'a JWT under an unsuspicious name': (log) => log.warn({ hint: jwt }),
  'a Secret': (log) => log.info({ key: new Secret(canary) }),
  'a value with quotes and backslashes': (log) => log.info({ password: `a"b\\"${canary}\\\\" ${canary}` }),
};

test.each(Object.entries(leaks))('R-66 A-23: no canary in the log: %s', (_, write) => {
  const { log, lines } = capture();
  write(log);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('Canary');
  expect(lines[0]).not.toContain('123456"');
  expect(lines[0]).not.toContain(':123456');
  expect(() => JSON.parse(lines[0] ?? '')).not.toThrow();
});

test('R-66: what explains a failure stays readable', () => {
  const { log, lines } = capture();
  log.error({ err: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) });
  log.error({ err: Object.assign(new Error('unique'), { code: '23505' }) });
  log.warn({ code: 'wrong_credentials', path: '/sign-in', tokensRevoked: 3, postcode: 'x' });
  expect(lines.join('')).toMatch(
    /ECONNREFUSED[^]*23505[^]*wrong_credentials[^]*"path":"\/sign-in","tokensRevoked":3,"postcode":"x"/,
  );
});

test('R-66 A-23: line breaks, ANSI and other control characters cannot forge or colour a line', () => {
  const { log, lines } = capture();
  const nasty = 'x\r\n{"level":"fatal"}\n\u001b[31mred\u009b31m\u2028\u2029\u0000\u007f';
  log.info({ device: nasty, [nasty]: 1 }, nasty);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ device: nasty, msg: nasty });
});

test.each(['process.exit(1)', "throw new Error('on the floor')"])(
  'lines are written together, and none is lost when the process ends by %s',
  async (end) => {
    const program = `import { createLog } from '${new URL('log.ts', import.meta.url).href}';
      const log = createLog({ name: 'test' });
      log.info('first');
      log.error('last');
      ${end};`;
    const printed = await new Promise<string>((resolve) => {
      execFile(process.execPath, ['--input-type=module', '--eval', program], (_error, out) => resolve(out));
    });
    expect(printed).toMatch(/"first"[^]*"last"/);
  },
);
