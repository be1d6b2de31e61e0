import { expect, test } from 'vitest';
import { wordsIn } from '#i18n/messages.ts';
import { deviceName } from './names.ts';

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const edge =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0';

test.each([
  ['en', firefox, 'Firefox on Windows'],
  ['de', firefox, 'Firefox unter Windows'],
  ['es', safari, 'Safari en iOS'],
  ['en', edge, 'Microsoft Edge on macOS'],
] as const)('in %s a browser has a name that people know', (locale, userAgent, name) => {
  expect(deviceName(userAgent, wordsIn(locale))).toBe(name);
});

test.each([
  null,
  '',
  'x',
  'Call +49 30 1234 now/1.0',
  '<b>Your bank</b>/2 (Visit evil.example)',
  '/',
  '('.repeat(2000),
])('what is no known browser is not repeated: %j', (userAgent) => {
  expect(deviceName(userAgent, wordsIn('en'))).toBe('Unknown device');
});
