import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inWordsOf } from '@portcullis/ui';
import { expect, test } from 'vitest';
import { problemTexts } from './problems.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
/** What only programs and operators at a terminal are told, in English. */
const notForPeople = /\/(admin-api|cli|revocations|webhooks|signing-keys)\/|\/accounts\/import|\.test\.ts$|\/test\//;

/** Every refusal that may become a page: the code, and the line it stands in. */
const refusals = ['apps/idp/src/**/*.ts', 'packages/http/src/*.ts']
  .flatMap((pattern) => globSync(join(root, pattern)))
  .filter((file) => !notForPeople.test(file))
  .flatMap((file) => {
    const source = readFileSync(file, 'utf8');
    return [
      ...source.matchAll(/new AppError\(\s*'\w+',\s*'(\w+)'/g),
      ...source.matchAll(/\brefusal\('(\w+)'/g),
      ...source.matchAll(/\bcode: '(\w+)', message: '/g),
    ].flatMap(([, code]) => code ?? []);
  });

test.each(['de', 'es'] as const)('whatever may go wrong is said in %s too', (locale) => {
  expect(refusals.length).toBeGreaterThan(10);
  const untranslated = [...new Set([...refusals, 'invalid_request', 'server_error', 'temporarily_unavailable'])].filter(
    (code) => inWordsOf(locale, problem({ code }), [problemTexts]).message === 'English',
  );
  expect(untranslated).toEqual([]);
  const statuses = [400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503];
  expect(statuses.filter((status) => inWordsOf(locale, problem({ status })).title === 'English')).toEqual([]);
});

test('what nobody has translated is said in English rather than not at all', () => {
  expect(inWordsOf('de', problem({ code: 'brand_new' })).message).toBe('English');
});

function problem(about: { code?: string; status?: number }) {
  return { status: 400, code: 'x', title: 'English', message: 'English', requestId: 'r', ...about };
}
