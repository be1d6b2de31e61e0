import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Locale } from '@portcullis/ui';
import { ada, ids, type SiteUnderTest, startSite } from '#site-under-test.ts';
import { features } from './messages.ts';

let site: SiteUnderTest;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const account = `/accounts/${ids.alice}`;
const pages = [
  '/',
  '/accounts',
  '/accounts?none=1&q=nobody',
  '/bans',
  '/audit',
  '/audit?from=never',
  '/applications',
  '/applications/shop/disable',
  '/webhooks',
  '/webhooks/new',
  '/everyone',
  '/nowhere',
  '/?done=lifted&pending=1',
  account,
  `${account}/sessions`,
  `${account}/applications`,
  `${account}/activity`,
  `${account}/bans`,
  `${account}/ban`,
  `${account}/roles`,
  `${account}/delete`,
  `${account}/sessions/sid-1/end`,
  '/accounts/none',
];

/** Texts of several words, which stand in no other language by chance. */
function englishOnly(locale: Locale): string[] {
  return Object.values(features).flatMap((messages) => {
    const [english, other]: Record<string, string>[] = [messages.en, messages[locale]];
    return Object.entries(english ?? {}).flatMap(([key, text]) =>
      text !== other?.[key] && text.includes(' ') && !text.includes('{') ? [text] : [],
    );
  });
}

test.each(['de', 'es'] as const)('no page says in English what it could say in %s', async (locale) => {
  const visitor = site.visitor({ ...ada, locale });
  const words = englishOnly(locale);
  for (const path of pages) {
    const { html } = await visitor.get(path);
    expect(html).toContain(`<html lang="${locale}"`);
    expect({ path, said: words.filter((text) => html.includes(text)) }).toEqual({
      path,
      said: [],
    });
  }
  await visitor.get(`${account}/ban`);
  const reviewed = await visitor.submit(`${account}/ban`, { reason: '', duration: 'own', scope: 'named' });
  const asked = { de: 'Sagen Sie, warum', es: 'Diga por qué' };
  expect(reviewed.html).toContain(asked[locale]);
});
