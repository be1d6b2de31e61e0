import { deviceName } from '#devices/names.ts';
import type { IdpWords } from '#i18n/messages.ts';

/** A device in a list: what a browser said of itself, as a person would call it. */
export type Device = { device: string; icon: 'monitor' | 'smartphone' };

export function deviceOf(userAgent: string | null, words: IdpWords): Device {
  const isHandheld = /Mobi|Android|iPad/.test(userAgent ?? '');
  return { device: deviceName(userAgent, words), icon: isHandheld ? 'smartphone' : 'monitor' };
}
