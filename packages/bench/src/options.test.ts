import { expect, test } from 'vitest';
import { readCommand, UsageError } from './options.ts';

test('flow runs every scenario when none is named', () => {
  expect(readCommand(['flow'])).toEqual({
    name: 'flow',
    options: {
      scenarios: ['sso', 'refresh', 'client_credentials', 'signin', 'password', 'flood'],
      rounds: 9,
      seconds: 2,
      concurrency: 8,
      profile: undefined,
      json: false,
    },
  });
});

test('what is said on the command line is used', () => {
  const { options } = readCommand(['flow', '--scenario', 'sso,refresh', '--rounds', '3', '--json']);
  expect(options).toMatchObject({ scenarios: ['sso', 'refresh'], rounds: 3, json: true });
  expect(readCommand(['verify', '--entries=7']).options).toMatchObject({ entries: 7, json: false });
});

test('revoke publishes a thousand revocations to a hundred mirrors when nothing is said', () => {
  const usual = { mirrors: 100, revocations: 1_000, pace: 10, entries: 1_000_000, json: false };
  expect(readCommand(['revoke'])).toEqual({ name: 'revoke', options: usual });
  expect(readCommand(['revoke', '--mirrors', '500']).options).toEqual({ ...usual, mirrors: 500 });
});

test.each([
  [],
  ['glow'],
  ['flow', '--entries', '5'],
  ['verify', '--scenario', 'sso'],
  ['flow', 'sso'],
  ['revoke', '--rounds', '5'],
  ['flow', '--scenario', 'sso,tea'],
  ['flow', '--rounds', '0'],
  ['flow', '--rounds', '2.5'],
  ['flow', '--rounds'],
  ['flow', '--json=no'],
])('what nobody offers is refused: %s %s %s', (...args) => {
  expect(() => readCommand(args)).toThrow(UsageError);
});
