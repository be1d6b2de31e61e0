import type { AdminWords } from '#i18n/messages.ts';
import type { NewBan } from '@portcullis/contracts';

export type Fields = Record<string, string>;
export type BanProblems = Partial<Record<'reason' | 'message' | 'until' | 'clients', string>>;
export type ParsedBan = { ok: true; ban: NewBan } | { ok: false; problems: BanProblems };

const LONGEST = 1000;
const HOUR_MS = 3_600_000;
const CLIENT = 'client-';

/** For how long, by the value of the form; null: no end. */
const DURATIONS: Record<string, number | null> = {
  '1h': HOUR_MS,
  '1d': 24 * HOUR_MS,
  '7d': 7 * 24 * HOUR_MS,
  '30d': 30 * 24 * HOUR_MS,
  none: null,
};
const LASTS = ['1h', '1d', '7d', '30d', 'none', 'own'] as const;

export const emptyBan: Fields = { duration: 'none', scope: 'everywhere' };

export const clientField = (clientId: string) => CLIENT + clientId;

export function durationOptions({ t }: AdminWords, fields: Fields) {
  const chosen = fields['duration'] ?? 'none';
  return LASTS.map((value) => ({ value, label: t(`bans.lasts_${value}`), selected: value === chosen }));
}

export function scopeOptions({ t }: AdminWords, fields: Fields) {
  const isNamed = fields['scope'] === 'named';
  return [
    { value: 'everywhere', label: t('pages.everywhere'), selected: !isNamed },
    { value: 'named', label: t('bans.scope_named'), selected: isNamed },
  ];
}

/** The ban as the API wants it, or what is to be put right, by field. */
export function parseBan({ t }: AdminWords, fields: Fields, now = Date.now()): ParsedBan {
  const problems: BanProblems = {};
  const reason = fields['reason']?.trim() ?? '';
  const message = fields['message']?.trim() ?? '';
  if (!reason) problems.reason = t('bans.reason_missing');
  else if (reason.length > LONGEST) problems.reason = t('bans.too_long', { most: LONGEST });
  if (message.length > LONGEST) problems.message = t('bans.too_long', { most: LONGEST });

  const until = untilOf(fields, now);
  if (until === 'not a date') problems.until = t('bans.no_moment');
  else if (until !== null && until.getTime() <= now) problems.until = t('bans.passed');

  const clientIds = fields['scope'] === 'named' ? namedClients(fields) : undefined;
  if (clientIds?.length === 0) problems.clients = t('bans.no_application');

  if (Object.keys(problems).length > 0 || until === 'not a date') return { ok: false, problems };
  return {
    ok: true,
    ban: {
      reason,
      ...(message && { message }),
      ...(until && { until: until.toISOString() }),
      ...(clientIds && { clientIds }),
    },
  };
}

export function namedClients(fields: Fields): string[] {
  return Object.keys(fields)
    .filter((name) => name.startsWith(CLIENT))
    .map((name) => name.slice(CLIENT.length));
}

/** A field of a date and time says nothing of zones: it is meant, and labelled, as UTC. */
function untilOf(fields: Fields, now: number): Date | null | 'not a date' {
  if (fields['duration'] === 'own') {
    const at = new Date(`${fields['until'] ?? ''}Z`);
    return Number.isNaN(at.getTime()) ? 'not a date' : at;
  }
  const lasts = DURATIONS[fields['duration'] ?? 'none'] ?? null;
  return lasts === null ? null : new Date(now + lasts);
}
