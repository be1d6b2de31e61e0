import type { Delivery, Receipt, Receipts } from '@portcullis/contracts';
import type { AdminWords } from '#i18n/messages.ts';
import { moment } from '#pages/moment.ts';
import { seconds } from './seconds.ts';

export type DeliveryView = {
  key: string;
  recipient: string;
  channel: string;
  words: string;
  tone: string;
  error: string | null;
};

export type ReceiptsView = {
  tone: 'success' | 'info' | 'warning';
  headline: string;
  complete: boolean;
  /** The address that answers this part alone, as it stands then. */
  liveHref: string;
  gate: { width: number; bars: { key: string; x: number; state: string }[] };
  lanes: {
    key: string;
    app: string;
    instance: string;
    state: Receipt['state'];
    words: string;
  }[];
  deliveries: DeliveryView[];
};

const BAR = 26;

export function receiptsView(words: AdminWords, receipts: Receipts, href: string): ReceiptsView {
  const { deliveries, complete } = receipts;
  const mirrors = receipts.mirrors ?? [];
  const ordered = mirrors.toSorted((a, b) => `${a.app}/${a.instance}`.localeCompare(`${b.app}/${b.instance}`));
  return {
    ...summary(words, receipts),
    complete,
    liveHref: href,
    gate: {
      width: Math.max(ordered.length, 1) * BAR,
      bars: ordered.map(({ app, instance, state }, index) => ({ key: `${app}/${instance}`, x: index * BAR, state })),
    },
    lanes: ordered.map(({ app, instance, state, afterMs, lastSeenMs }) => ({
      key: `${app}/${instance}`,
      app,
      instance,
      state,
      words: laneWords(words, state, afterMs, lastSeenMs),
    })),
    deliveries: deliveries.map((delivery) => deliveryView(words, delivery)),
  };
}

function summary(
  { t, locale }: AdminWords,
  { publishedAt, mirrors }: Receipts,
): Pick<ReceiptsView, 'tone' | 'headline'> {
  if (publishedAt === null) {
    return {
      tone: 'warning',
      headline: t('bans.not_everywhere'),
    };
  }
  if (mirrors === null) {
    return { tone: 'warning', headline: t('bans.unreadable') };
  }
  const enforced = mirrors.filter(({ state }) => state === 'enforced');
  const count = t('bans.of_instances', { enforced: enforced.length, n: mirrors.length });
  if (mirrors.length === 0) return { tone: 'warning', headline: t('bans.nobody_follows') };
  if (enforced.length === mirrors.length) {
    const slowest = Math.max(...enforced.map(({ afterMs }) => afterMs ?? 0));
    return { tone: 'success', headline: t('bans.in_force_after', { count, time: seconds(slowest, locale) }) };
  }
  const silent = mirrors.filter(({ state }) => state === 'not_seen').length;
  if (silent === 0) return { tone: 'info', headline: t('bans.being_told_others', { count }) };
  return { tone: 'warning', headline: t('bans.some_silent', { count, silent }) };
}

function laneWords(
  { t, locale }: AdminWords,
  state: Receipt['state'],
  afterMs: number | null,
  lastSeenMs: number,
): string {
  if (state === 'waiting') return t('bans.being_told');
  if (state === 'not_seen') return t('bans.not_seen', { time: seconds(lastSeenMs, locale) });
  return afterMs === null ? t('bans.enforced') : t('bans.enforced_after', { time: seconds(afterMs, locale) });
}

export function deliveryView(words: AdminWords, delivery: Delivery): DeliveryView {
  const { id, channel, recipient, state, attempts, lastError, deliveredAt, nextAttemptAt } = delivery;
  const { t } = words;
  const again = nextAttemptAt !== null && Date.parse(nextAttemptAt) > Date.now();
  const next = again ? `, ${t('bans.again_ago', { ago: moment(words, nextAttemptAt).ago })}` : '';
  const answered = deliveredAt ? t('bans.answered_ago', { ago: moment(words, deliveredAt).ago }) : t('bans.answered');
  const [said, tone] = {
    waiting: [t('bans.waiting'), 'info'],
    delivered: [answered, 'success'],
    retrying: [t('bans.retrying', { n: attempts }) + next, 'warning'],
    given_up: [t('bans.given_up', { n: attempts }), 'danger'],
  }[state] as [said: string, tone: string];
  return { key: id, recipient, channel: t(`bans.${channel}`), words: said, tone, error: lastError };
}
