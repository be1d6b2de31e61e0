import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { locales, valuesNeeded } from '@portcullis/ui';
import { expect, test } from 'vitest';
import { features } from './messages.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const templates = ['apps/idp/src/**/*.hbs', 'packages/ui/src/*.hbs'].flatMap((pattern) =>
  globSync(join(root, pattern)).map((file) => ({ file: relative(root, file), source: readFileSync(file, 'utf8') })),
);

test('a text says the same in every language: no key is missing, and all need the same values', () => {
  const english = Object.fromEntries(valuesNeeded(features, 'en'));
  for (const locale of locales) {
    expect(Object.fromEntries(valuesNeeded(features, locale))).toEqual(english);
    for (const messages of Object.values(features)) expect(Object.values(messages[locale])).not.toContain('');
  }
});

test('templates ask only for texts that exist, and give them what they need', () => {
  const needed = valuesNeeded(features, 'en');
  const wrong = templates.flatMap(({ file, source }) =>
    [...source.matchAll(/[{(]t "([^"]+)"([^})]*)/g)].flatMap(([, key = '', given = '']) => {
      const names = needed.get(key);
      if (names === undefined) return [`${file}: there is no text ${key}`];
      const missing = names.split(' ').filter((name) => name && !new RegExp(`\\b${name}=`).test(given));
      return missing.map((name) => `${file}: ${key} needs ${name}`);
    }),
  );
  expect(templates.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});

test('a person reads nothing that stands in a template in one language only', () => {
  const wrong = templates.flatMap(({ file, source }) => {
    const calls = [...source.matchAll(/\{\{[^}]*\}\}/g)].map(([call]) => call).join('\n');
    const markup = source.replace(/\{\{!--.*?--\}\}|\{\{[^}]*\}\}/gs, '');
    const printed = markup.replace(/<(style|script)\b.*?<\/\1>|<!--.*?-->|<[^>]*>/gs, ' ').replace(/&\w+;/g, ' ');
    const found = [
      ...(printed.match(/\p{L}{2,}(?:[ ,]+\p{L}+)*/gu) ?? []),
      ...[...markup.matchAll(/\b(?:alt|title|aria-label|placeholder)="([^"]*\p{L}[^"]*)"/gu)].map(([text]) => text),
      ...[...calls.matchAll(/\b(?:label|hint|heading|placeholder|title)="[^"]*\p{L}[^"]*"/gu)].map(([text]) => text),
    ];
    return found.map((text) => `${file}: ${text}`);
  });
  expect(wrong).toEqual([]);
});
