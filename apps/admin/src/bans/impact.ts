import type { BanPreview } from '@portcullis/contracts';
import type { AdminWords } from '#i18n/messages.ts';
import { listed } from '#pages/count.ts';

export type Impact = { sentence: string; ends: boolean; sessions: string; applications: string; devices: string };

/** What a ban would end, in words. */
export function impactOf({ t, locale }: AdminWords, { sessions, applications, devices }: BanPreview): Impact {
  const ends = sessions > 0 || applications.length > 0;
  const sentences = [t('bans.sessions_end', { sessions, devices })];
  if (applications.length > 0) {
    sentences.push(t('bans.access_ends', { n: applications.length, names: listed(applications, locale) }));
  }
  return {
    sentence: ends ? sentences.join(' ') : t('bans.nothing_ends'),
    ends,
    sessions: String(sessions),
    applications: String(applications.length),
    devices: String(devices),
  };
}
