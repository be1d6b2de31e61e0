import type { AdminWords } from '#i18n/messages.ts';
import { formOf } from './count.ts';

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

const FAR_MS = 30 * 86_400_000;
const STEPS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

export function moment(words: AdminWords, iso: string, now = Date.now()): Moment {
  const form = formOf(words.locale);
  const at = new Date(iso);
  const utc = at.toLocaleString(form, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
  const ms = at.getTime() - now;
  const day = at.toLocaleDateString(form, { dateStyle: 'medium', timeZone: 'UTC' });
  const far = ms > 0 ? words.t('pages.on_day', { day }) : day;
  return { iso: at.toISOString(), text: `${utc} UTC`, utc, ago: Math.abs(ms) < FAR_MS ? distance(words, ms) : far };
}

export function momentOrNull(words: AdminWords, iso: string | null): Moment | null {
  return iso === null ? null : moment(words, iso);
}

function distance({ t, locale }: AdminWords, ms: number): string {
  const [unit, size] = STEPS.find(([, each]) => Math.abs(ms) >= each) ?? ['minute', 60_000];
  if (Math.abs(ms) < 60_000) return t(ms <= 0 ? 'pages.just_now' : 'pages.within_a_minute');
  return new Intl.RelativeTimeFormat(formOf(locale), { numeric: 'auto' }).format(Math.trunc(ms / size), unit);
}
