import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { features } from '#i18n/messages.ts';
import { activityMessages, sentenceFor } from './activity-messages.ts';

test('what the code can write into the log has a sentence for the person it is about', () => {
  /** These are about nobody in particular. */
  const notAboutPeople = /^(client|signing_key|webhook|audit|everyone)\./;
  const sources = globSync(join(import.meta.dirname, '..', '**', '*.ts')).filter(
    (file) => !/test|harness|admin-api\/examples/.test(file),
  );
  const texts: Record<string, { en: object }> = features;
  const isText = (name: string): boolean => {
    const [feature = '', key = ''] = name.split('.');
    return Object.hasOwn(texts[feature]?.en ?? {}, key);
  };
  const names = sources.flatMap((file) => readFileSync(file, 'utf8').match(/(?<=')[a-z_]+\.[a-z_]+(?=')/g) ?? []);
  const written = new Set(names.filter((name) => isAction(name) && !isText(name)));
  const about = [...written].filter((action) => !notAboutPeople.test(action));

  expect(about.length).toBeGreaterThan(30);
  expect(about.filter((action) => sentenceFor(action) === 'activity.unknown')).toEqual([]);
  const known = new Set(about.map((action) => action.replace('.', '_')));
  const idle = Object.keys(activityMessages.en).filter((key) => !known.has(key));
  expect(idle.toSorted()).toEqual(['by_operator', 'by_system', 'unknown']);
});

function isAction(name: string): boolean {
  return /^(account|admin|application|audit|ban|client|consent|device|everyone|factors?|passkey|recovery_codes|session|signing_key|webhook)\./.test(
    name,
  );
}
