/** A point in time as a page shows it: `<time datetime="{{iso}}" title="{{text}}">{{ago}}</time>`. */
export type Moment = {
  iso: string;
  /** To the second, with its zone. */
  text: string;
  /** The same where the zone is said already. */
  utc: string;
  /** How long ago; the day, when that is long. */
  ago: string;
};

const precise = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' });
const FAR_MS = 30 * 86_400_000;
const STEPS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

export function moment(iso: string, now = Date.now()): Moment {
  const at = new Date(iso);
  const utc = precise.format(at);
  const ms = at.getTime() - now;
  const ago = Math.abs(ms) < FAR_MS ? distance(ms) : `${ms > 0 ? 'on ' : ''}${day.format(at)}`;
  return { iso: at.toISOString(), text: `${utc} UTC`, utc, ago };
}

export function momentOrNull(iso: string | null): Moment | null {
  return iso === null ? null : moment(iso);
}

function distance(ms: number): string {
  const [unit, size] = STEPS.find(([, each]) => Math.abs(ms) >= each) ?? ['minute', 60_000];
  if (Math.abs(ms) < 60_000) return ms <= 0 ? 'just now' : 'in less than a minute';
  return relative.format(Math.trunc(ms / size), unit);
}
