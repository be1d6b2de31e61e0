import type { AuditEvent } from '@portcullis/contracts';
import { type Moment, moment } from '#pages/moment.ts';

export type EventView = {
  id: string;
  at: Moment;
  icon: string;
  tone: '' | 'danger' | 'warning' | 'success';
  words: string;
  action: string;
  actor: { label: string; href: string | null };
  account: { label: string; href: string } | null;
  clientId: string | null;
  detail: { name: string; value: string }[];
};

type Words = readonly [words: string, icon: string, tone?: EventView['tone']];

/** Every look into somebody's account is an event too, so an account that is looked at soon speaks of nothing else. */
const LOOK = 'admin.viewed';

/** The latest that are more than a look; of as many as were read. */
export function doings(events: AuditEvent[], most: number): AuditEvent[] {
  return events.filter(({ action }) => action !== LOOK).slice(0, most);
}

/** The actions the audit log speaks of most, in words; the others are put into words by their name. */
const KNOWN: Record<string, Words> = {
  [LOOK]: ['Looked at', 'eye'],
  'account.created': ['Account created', 'user', 'success'],
  'account.deleted': ['Account deleted', 'trash-2', 'danger'],
  'account.disabled': ['Account disabled', 'user-x', 'warning'],
  'account.enabled': ['Account enabled', 'user', 'success'],
  'account.password_changed': ['Password changed', 'key-round'],
  'account.roles_changed': ['Roles changed', 'shield'],
  'account.sign_in_refused': ['Sign-in refused', 'lock', 'warning'],
  'account.signed_in': ['Signed in', 'log-in'],
  'application.entered': ['Entered an application', 'door-open'],
  'audit.exported': ['Audit log exported', 'download'],
  'ban.created': ['Banned', 'ban', 'danger'],
  'ban.lifted': ['Ban lifted', 'circle-check', 'success'],
  'client.disabled': ['Application switched off', 'ban', 'warning'],
  'client.enabled': ['Application switched on', 'circle-check', 'success'],
  'client.secret_revoked': ['Secret of an application withdrawn', 'key-round', 'warning'],
  'consent.given': ['Access of an application allowed', 'circle-check'],
  'consent.withdrawn': ['Access of an application withdrawn', 'key-round'],
  'everyone.signed_out': ['Everybody signed out', 'users', 'danger'],
  'session.ended': ['Session ended', 'log-out'],
  'session.switched': ['Browser switched to this account', 'users'],
  'signing_key.removed': ['Signing key removed', 'key-round', 'danger'],
  'webhook.added': ['Webhook added', 'zap'],
  'webhook.removed': ['Webhook removed', 'zap'],
};
const KINDS: Record<string, string> = {
  account: 'user',
  ban: 'ban',
  client: 'layout-grid',
  grant: 'key-round',
  revocation: 'zap',
  session: 'monitor',
};

export const knownActions = Object.keys(KNOWN);

/** `ofAccount`: on that account's own pages, where it need not be named. */
export function eventView(event: AuditEvent, ofAccount?: string): EventView {
  const { id, at, actor, action, account, clientId, detail, place } = event;
  const [words, icon, tone = ''] = KNOWN[action] ?? inWords(action);
  return {
    id,
    at: moment(at),
    icon,
    tone,
    words,
    action,
    actor: actorView(actor),
    account:
      account && account.id !== ofAccount
        ? { label: account.email ?? 'a deleted account', href: `/accounts/${account.id}` }
        : null,
    clientId,
    detail: Object.entries({ ...detail, place })
      .filter(([, value]) => value !== null && value !== '')
      .map(([name, value]) => ({ name: name.replaceAll('_', ' '), value: plainly(value) })),
  };
}

function actorView(actor: AuditEvent['actor']): EventView['actor'] {
  if (actor === null) return { label: 'the system', href: null };
  const [, operator] = /^cli:(.*)$/.exec(actor.id) ?? [];
  if (operator !== undefined) return { label: `${operator} at the command line`, href: null };
  return { label: actor.name ?? 'a deleted account', href: `/accounts/${actor.id}` };
}

/** `session.ended_by_owner`: "Session: ended by owner". */
function inWords(action: string): Words {
  const [kind = '', ...rest] = action.replaceAll('_', ' ').split('.');
  const words = [kind.charAt(0).toUpperCase() + kind.slice(1), rest.join(', ')].filter(Boolean).join(': ');
  return [words, KINDS[kind] ?? 'activity'];
}

function plainly(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainly).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
