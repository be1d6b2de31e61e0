import type { BanPreview } from '@portcullis/contracts';
import type { AdminWords } from '#i18n/messages.ts';
import { listed } from '#pages/count.ts';

export type Impact = { sentence: string; sessions: string; applications: string; devices: string; names: string };

/** What a ban would end, in words. */
export function impactOf({ t, locale }: AdminWords, { sessions, applications, devices }: BanPreview): Impact {
  const counts = [
    t('pages.n_sessions', { n: sessions }),
    t('pages.n_applications', { n: applications.length }),
    t('bans.n_devices', { n: devices }),
  ];
  const nothing = sessions === 0 && applications.length === 0;
  return {
    sentence: nothing ? t('bans.nothing_ends') : t('bans.will_end', { what: listed(counts, locale) }),
    sessions: String(sessions),
    applications: String(applications.length),
    devices: String(devices),
    names: listed(applications, locale),
  };
}
