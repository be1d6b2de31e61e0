import type { Delivery, Receipt, Receipts } from '@portcullis/contracts';
import { counted } from '#pages/count.ts';
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
    /** Of 100. */
    length: number;
  }[];
  deliveries: DeliveryView[];
};

const BAR = 26;
const CHANNELS = { backchannel_logout: 'Back-channel logout', webhook: 'Webhook' } as const;

export function receiptsView(receipts: Receipts, href: string): ReceiptsView {
  const { deliveries, complete } = receipts;
  const mirrors = receipts.mirrors ?? [];
  const ordered = mirrors.toSorted((a, b) => `${a.app}/${a.instance}`.localeCompare(`${b.app}/${b.instance}`));
  const slowest = Math.max(1, ...ordered.map(({ afterMs }) => afterMs ?? 0));
  return {
    ...summary(receipts),
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
      words: laneWords(state, afterMs, lastSeenMs),
      length: state === 'enforced' ? Math.max(4, Math.round(((afterMs ?? 0) / slowest) * 100)) : 0,
    })),
    deliveries: deliveries.map(deliveryView),
  };
}

function summary({ publishedAt, mirrors }: Receipts): Pick<ReceiptsView, 'tone' | 'headline'> {
  if (publishedAt === null) {
    return {
      tone: 'warning',
      headline: 'Recorded for good, not yet everywhere: the applications could not be told so far. That is repeated.',
    };
  }
  if (mirrors === null) {
    return { tone: 'warning', headline: 'Told to the applications; what they answered cannot be read at the moment.' };
  }
  const enforced = mirrors.filter(({ state }) => state === 'enforced');
  const count = `${enforced.length} of ${counted(mirrors.length, 'instance')}`;
  if (mirrors.length === 0) return { tone: 'warning', headline: 'No application instance follows the denylist.' };
  if (enforced.length === mirrors.length) {
    const slowest = Math.max(...enforced.map(({ afterMs }) => afterMs ?? 0));
    return { tone: 'success', headline: `In force at ${count} after ${seconds(slowest)}.` };
  }
  const silent = mirrors.filter(({ state }) => state === 'not_seen').length;
  if (silent === 0) return { tone: 'info', headline: `In force at ${count}; the others are being told.` };
  return { tone: 'warning', headline: `In force at ${count}; ${silent} cannot be heard.` };
}

function laneWords(state: Receipt['state'], afterMs: number | null, lastSeenMs: number): string {
  if (state === 'enforced') return afterMs === null ? 'enforced' : `enforced after ${seconds(afterMs)}`;
  return state === 'waiting' ? 'being told' : `not seen for ${seconds(lastSeenMs)}`;
}

export function deliveryView(delivery: Delivery): DeliveryView {
  const { id, channel, recipient, state, attempts, lastError, deliveredAt, nextAttemptAt } = delivery;
  const next = nextAttemptAt ? `, again ${moment(nextAttemptAt).ago}` : '';
  const [words, tone] = {
    waiting: ['waiting', 'info'],
    delivered: [deliveredAt ? `answered ${moment(deliveredAt).ago}` : 'answered', 'success'],
    retrying: [`retrying: ${counted(attempts, 'attempt')} so far${next}`, 'warning'],
    given_up: [`given up after ${counted(attempts, 'attempt')}`, 'danger'],
  }[state] as [words: string, tone: string];
  return { key: id, recipient, channel: CHANNELS[channel], words, tone, error: lastError };
}
