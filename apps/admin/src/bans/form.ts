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
const DURATION_LABELS = [
  { value: '1h', label: '1 hour' },
  { value: '1d', label: '1 day' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: 'none', label: 'No end' },
  { value: 'own', label: 'Own date' },
];
const SCOPE_LABELS = [
  { value: 'everywhere', label: 'Everywhere' },
  { value: 'named', label: 'Only the applications named here' },
];

export const emptyBan: Fields = { duration: 'none', scope: 'everywhere' };

export const durationOptions = (fields: Fields) => choose(DURATION_LABELS, fields['duration'] ?? 'none');
export const scopeOptions = (fields: Fields) => choose(SCOPE_LABELS, fields['scope'] ?? 'everywhere');
export const clientField = (clientId: string) => CLIENT + clientId;

function choose<T extends { value: string }>(options: T[], value: string) {
  return options.map((each) => ({ ...each, selected: each.value === value }));
}

/** The ban as the API wants it, or what is to be put right, by field. */
export function parseBan(fields: Fields, now = Date.now()): ParsedBan {
  const problems: BanProblems = {};
  const reason = fields['reason']?.trim() ?? '';
  const message = fields['message']?.trim() ?? '';
  if (!reason) problems.reason = 'Say why, for those who look at this later.';
  else if (reason.length > LONGEST) problems.reason = `At most ${LONGEST} characters, please.`;
  if (message.length > LONGEST) problems.message = `At most ${LONGEST} characters, please.`;

  const until = untilOf(fields, now);
  if (until === 'not a date') problems.until = 'Give the day and the time, or choose another end.';
  else if (until !== null && until.getTime() <= now) problems.until = 'This moment has passed already.';

  const clientIds = fields['scope'] === 'named' ? namedClients(fields) : undefined;
  if (clientIds?.length === 0) problems.clients = 'Name at least one application, or ban everywhere.';

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
