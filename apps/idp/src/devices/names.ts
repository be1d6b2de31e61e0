import Bowser from 'bowser';
import type { IdpWords } from '#i18n/messages.ts';

const browsers = new Set(Object.values(Bowser.BROWSER_MAP));
const systems = new Set(Object.values(Bowser.OS_MAP));

/** "Firefox on Windows". What a browser says of itself is free text: only names known to us are repeated to people. */
export function deviceName(userAgent: string | null, { t }: Pick<IdpWords, 't'>): string {
  if (!userAgent) return t('devices.unknown');
  const parsed = Bowser.parse(userAgent);
  const [browser, os] = [among(browsers, parsed.browser.name), among(systems, parsed.os.name)];
  if (browser !== undefined && os !== undefined) return t('devices.browser_on_system', { browser, os });
  return browser ?? os ?? t('devices.unknown');
}

function among(known: Set<string>, name: string | undefined): string | undefined {
  return name !== undefined && known.has(name) ? name : undefined;
}
