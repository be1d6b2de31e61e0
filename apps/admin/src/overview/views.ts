import type { AuditEvent, Ban, Overview } from '@portcullis/contracts';
import type { AdminWords } from '#i18n/messages.ts';
import { type EventView, eventView } from '#audit/events.ts';
import { type BanRow, banRow } from '#bans/ban-row.ts';
import { seconds } from '#bans/seconds.ts';

export type OverviewView = {
  stats: { label: string; value: string; note: string; href: string | null }[];
  gate: { tone: 'success' | 'warning'; sentence: string };
  mirrors: { app: string; instance: string; inTouch: boolean; seen: string }[];
  bans: BanRow[];
  events: EventView[];
};

export function overviewView(words: AdminWords, overview: Overview, bans: Ban[], events: AuditEvent[]): OverviewView {
  const { t, locale } = words;
  const mirrors = overview.mirrors ?? [];
  const number = (value: number) => value.toLocaleString(locale);
  return {
    stats: [
      { label: t('pages.accounts'), value: number(overview.accounts), note: t('overview.in_all'), href: '/accounts' },
      { label: t('pages.sessions'), value: number(overview.activeSessions), note: t('overview.live_now'), href: null },
      {
        label: t('overview.bans_in_force'),
        value: number(overview.bansInForce),
        note: t('overview.right_now'),
        href: '/bans?status=in_force',
      },
      {
        label: t('overview.live_revocations'),
        value: number(overview.liveRevocations),
        note: t('overview.on_denylist'),
        href: null,
      },
      {
        label: t('overview.sign_ins'),
        value: number(overview.signInsLastDay),
        note: t('overview.last_day'),
        href: '/audit?action=account.signed_in',
      },
      {
        label: t('overview.refused'),
        value: number(overview.refusalsLastDay),
        note: t('overview.last_day'),
        href: '/audit?action=account.sign_in_refused',
      },
    ],
    gate: gateOf(words, overview.mirrors),
    mirrors: mirrors.map(({ app, instance, state, lastSeenMs }) => ({
      app,
      instance,
      inTouch: state === 'in_touch',
      seen:
        state === 'in_touch' ? t('overview.in_touch') : t('overview.not_seen', { time: seconds(lastSeenMs, locale) }),
    })),
    bans: bans.map((ban) => banRow(words, ban)),
    events: events.map((event) => eventView(words, event)),
  };
}

function gateOf({ t }: AdminWords, mirrors: Overview['mirrors']): OverviewView['gate'] {
  if (mirrors === null) {
    return { tone: 'warning', sentence: t('overview.redis_away') };
  }
  const missing = mirrors.filter(({ state }) => state === 'not_seen').length;
  if (mirrors.length === 0) return { tone: 'warning', sentence: t('overview.nobody_follows') };
  if (missing === 0)
    return {
      tone: 'success',
      sentence: t('overview.all_follow', { n: mirrors.length }),
    };
  return { tone: 'warning', sentence: t('overview.cannot_be_heard', { n: missing, all: mirrors.length }) };
}
