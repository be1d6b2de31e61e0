import type { AuditEvent, Ban, Overview } from '@portcullis/contracts';
import { type EventView, eventView } from '#audit/events.ts';
import { type BanRow, banRow } from '#bans/ban-row.ts';
import { seconds } from '#bans/seconds.ts';
import { counted } from '#pages/count.ts';

export type OverviewView = {
  stats: { label: string; value: string; note: string; href: string | null }[];
  gate: { tone: 'success' | 'warning'; sentence: string };
  mirrors: { app: string; instance: string; inTouch: boolean; seen: string }[];
  bans: BanRow[];
  events: EventView[];
};

export function overviewView(overview: Overview, bans: Ban[], events: AuditEvent[]): OverviewView {
  const mirrors = overview.mirrors ?? [];
  const number = (value: number) => value.toLocaleString('en-GB');
  return {
    stats: [
      { label: 'Accounts', value: number(overview.accounts), note: 'in all', href: '/accounts' },
      { label: 'Sessions', value: number(overview.activeSessions), note: 'live now', href: null },
      { label: 'Bans in force', value: number(overview.bansInForce), note: 'right now', href: '/bans?status=in_force' },
      { label: 'Live revocations', value: number(overview.liveRevocations), note: 'on the denylist', href: null },
      {
        label: 'Sign-ins',
        value: number(overview.signInsLastDay),
        note: 'in the last 24 hours',
        href: '/audit?action=account.signed_in',
      },
      {
        label: 'Refused sign-ins',
        value: number(overview.refusalsLastDay),
        note: 'in the last 24 hours',
        href: '/audit?action=account.sign_in_refused',
      },
    ],
    gate: gateOf(overview.mirrors),
    mirrors: mirrors.map(({ app, instance, state, lastSeenMs }) => ({
      app,
      instance,
      inTouch: state === 'in_touch',
      seen: state === 'in_touch' ? 'in touch' : `not seen for ${seconds(lastSeenMs)}`,
    })),
    bans: bans.map(banRow),
    events: events.map((event) => eventView(event)),
  };
}

function gateOf(mirrors: Overview['mirrors']): OverviewView['gate'] {
  if (mirrors === null) {
    return { tone: 'warning', sentence: 'Redis does not answer: who follows the denylist cannot be said.' };
  }
  const missing = mirrors.filter(({ state }) => state === 'not_seen').length;
  if (mirrors.length === 0) return { tone: 'warning', sentence: 'No application instance is following the denylist.' };
  if (missing === 0)
    return {
      tone: 'success',
      sentence: `All ${counted(mirrors.length, 'instance')} follow the denylist. A ban bites at once.`,
    };
  return { tone: 'warning', sentence: `${counted(missing, 'instance')} of ${mirrors.length} cannot be heard.` };
}
