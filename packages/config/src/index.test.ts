import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, parseEnv, Secret, secret, secretList } from './index.ts';

const shape = {
  PORT: z.coerce.number().int().default(4000),
  ISSUER: z.url(),
  KEY: secret(16),
  COOKIE_KEYS: secretList(8),
};

test('a whole environment is parsed; an empty variable counts as unset and takes its default', () => {
  const value = parseEnv(shape, {
    PORT: '',
    ISSUER: 'http://localhost:4000',
    KEY: 'x'.repeat(16),
    COOKIE_KEYS: 'newnewnew, oldoldold',
    PATH: '/bin',
  });
  expect(value.PORT).toBe(4000);
  expect(value.KEY.reveal()).toBe('x'.repeat(16));
  expect(value.COOKIE_KEYS.map((key) => key.reveal())).toEqual(['newnewnew', 'oldoldold']);
  expect(value).not.toHaveProperty('PATH');
});

test('every bad variable is named at once, and no value is repeated', () => {
  const env = { PORT: 'many', KEY: 'canary', COOKIE_KEYS: 'longenough,canary' };
  const failure = (() => {
    try {
      return parseEnv(shape, env);
    } catch (error) {
      return error;
    }
  })();
  expect(failure).toBeInstanceOf(ConfigError);
  const { problems, message } = failure as ConfigError;
  expect(new Set(problems.map((problem) => problem.split(':')[0]))).toEqual(
    new Set(['COOKIE_KEYS', 'ISSUER', 'KEY', 'PORT']),
  );
  expect(problems).toContain('ISSUER: is required');
  for (const problem of problems) expect(message).toContain(problem);
  expect(message).not.toMatch(/canary|many/);
});

test.each(['', ',', 'longenough,', 'short'])('a list of secrets may not hold an empty or short one: %j', (list) => {
  expect(() => parseEnv({ KEYS: secretList(8) }, { KEYS: list })).toThrow(ConfigError);
});

test('R-66: a secret prints as [secret] however it is printed', () => {
  const value = new Secret('canary');
  for (const printed of [
    String(value),
    JSON.stringify({ value }),
    inspect({ value }),
    inspect(value, { showHidden: true }),
  ]) {
    expect(printed).toContain('[secret]');
    expect(printed).not.toContain('canary');
  }
});
