import type { AdminWords } from '#i18n/messages.ts';

const HEADLESS = 'HeadlessChrome';

/** The first name that fits wins: Edge and Opera call themselves Chrome, and Chrome calls itself Safari. */
const BROWSERS: [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/HeadlessChrome\//, HEADLESS],
  [/Chrom(e|ium)\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/curl\//, 'curl'],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** "Firefox on Windows", or what the device calls itself when that says nothing to us. */
export function deviceOf({ t }: AdminWords, userAgent: string | null): string {
  if (userAgent === null) return t('account.unknown_device');
  const [found, system] = [named(BROWSERS, userAgent), named(SYSTEMS, userAgent)];
  const browser = found === HEADLESS ? t('account.headless') : found;
  if (browser && system) return t('account.browser_on', { browser, system });
  return browser ?? system ?? userAgent.slice(0, 60);
}

export function deviceIcon(userAgent: string | null): 'smartphone' | 'monitor' | 'globe' {
  if (userAgent === null) return 'globe';
  return /iPhone|iPad|Android|Mobile/.test(userAgent) ? 'smartphone' : 'monitor';
}

function named(table: [RegExp, string][], userAgent: string): string | undefined {
  return table.find(([pattern]) => pattern.test(userAgent))?.[1];
}
