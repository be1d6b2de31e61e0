import { type AuditEvent, WebhookCause } from '@portcullis/contracts';
import type { AdminWords } from '#i18n/messages.ts';
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

type Look = readonly [icon: string, tone?: EventView['tone']];
type Key<Action extends string> = Action extends `${infer Kind}.${infer Rest}` ? `${Kind}_${Rest}` : never;

/** Every look into somebody's account is an event too, so an account that is looked at soon speaks of nothing else. */
const LOOK = 'admin.viewed';

/** The latest that are more than a look; of as many as were read. */
export function doings(events: AuditEvent[], most: number): AuditEvent[] {
  return events.filter(({ action }) => action !== LOOK).slice(0, most);
}

/** The actions the audit log speaks of most; the others are put into words by their name. */
const KNOWN = {
  [LOOK]: ['eye'],
  'account.data_downloaded': ['download'],
  'account.deletion_scheduled': ['trash-2', 'warning'],
  'account.deletion_cancelled': ['rotate-ccw', 'success'],
  'account.email_changed': ['mail'],
  'account.email_change_undone': ['mail', 'warning'],
  'account.password_disabled': ['lock', 'warning'],
  'account.picture_changed': ['user'],
  'account.picture_removed': ['user'],
  'account.profile_changed': ['pencil'],
  'account.registered': ['user', 'success'],
  'device.forgotten': ['monitor'],
  'device.trusted': ['monitor'],
  'factor.added': ['shield-check', 'success'],
  'factor.refused': ['lock', 'warning'],
  'factor.removed': ['shield', 'warning'],
  'passkey.added': ['key-round', 'success'],
  'passkey.refused': ['key-round', 'warning'],
  'passkey.removed': ['key-round', 'warning'],
  'passkey.renamed': ['key-round'],
  'passkey.counter_regressed': ['triangle-alert', 'warning'],
  'recovery_codes.made': ['receipt'],
  'recovery_codes.removed': ['receipt'],
  'recovery_codes.used': ['receipt', 'warning'],
  'account.created': ['user', 'success'],
  'account.deleted': ['trash-2', 'danger'],
  'account.disabled': ['user-x', 'warning'],
  'account.enabled': ['user', 'success'],
  'account.password_changed': ['key-round'],
  'account.roles_changed': ['shield'],
  'account.sign_in_refused': ['lock', 'warning'],
  'account.signed_in': ['log-in'],
  'application.entered': ['door-open'],
  'audit.exported': ['download'],
  'ban.created': ['ban', 'danger'],
  'ban.lifted': ['circle-check', 'success'],
  'client.disabled': ['ban', 'warning'],
  'client.enabled': ['circle-check', 'success'],
  'client.secret_revoked': ['key-round', 'warning'],
  'consent.given': ['circle-check'],
  'consent.withdrawn': ['key-round'],
  'everyone.signed_out': ['users', 'danger'],
  'factors.reset': ['shield', 'warning'],
  'session.ended': ['log-out'],
  'session.switched': ['users'],
  'signing_key.removed': ['key-round', 'danger'],
  'webhook.added': ['zap'],
  'webhook.paused': ['zap', 'warning'],
  'webhook.removed': ['zap'],
  'webhook.resumed': ['zap'],
} as const satisfies Record<string, Look>;
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
export function eventView(all: AdminWords, event: AuditEvent, ofAccount?: string): EventView {
  const { id, at, actor, action, account, clientId, detail, place } = event;
  const { words, icon, tone } = lookOf(all, action);
  return {
    id,
    at: moment(all, at),
    icon,
    tone,
    words,
    action,
    actor: actorView(all, actor),
    account:
      account && account.id !== ofAccount
        ? { label: account.email ?? all.t('pages.deleted_account'), href: `/accounts/${account.id}` }
        : null,
    clientId,
    detail: Object.entries({ ...detail, place })
      .filter(([, value]) => value !== null && value !== '')
      .map(([name, value]) => ({ name: name.replaceAll('_', ' '), value: plainly(value) })),
  };
}

function actorView({ t }: AdminWords, actor: AuditEvent['actor']): EventView['actor'] {
  if (actor === null) return { label: t('pages.the_system'), href: null };
  const [, operator] = /^cli:(.*)$/.exec(actor.id) ?? [];
  if (operator !== undefined) return { label: t('pages.at_command_line', { name: operator }), href: null };
  return { label: actor.name ?? t('pages.deleted_account'), href: `/accounts/${actor.id}` };
}

function lookOf({ t }: AdminWords, action: string): Pick<EventView, 'words' | 'icon' | 'tone'> {
  if (!isKnown(action)) return { ...(withCause(t, action) ?? inWords(action)), tone: '' };
  const [icon, tone = '']: Look = KNOWN[action];
  return { words: t(`audit.${action.replace('.', '_') as Key<typeof action>}`), icon, tone };
}

function isKnown(action: string): action is keyof typeof KNOWN {
  return Object.hasOwn(KNOWN, action);
}

/** `revocation.ban`, `grant.ended.sign_out`: what was revoked or ended, and why. */
function withCause(t: AdminWords['t'], action: string): Pick<EventView, 'words' | 'icon'> | undefined {
  const [, what, written] = /^(revocation|grant\.ended)\.(\w+)$/.exec(action) ?? [];
  const known = WebhookCause.safeParse(written);
  if (!known.success) return undefined;
  const cause = t(`webhooks.cause_${known.data}`);
  if (what === 'revocation') return { words: t('audit.revoked_for', { cause }), icon: 'zap' };
  return { words: t('audit.access_ended_for', { cause }), icon: 'key-round' };
}

/** `session.ended_by_owner`: "Session: ended by owner". */
function inWords(action: string): Pick<EventView, 'words' | 'icon'> {
  const [kind = '', ...rest] = action.replaceAll('_', ' ').split('.');
  const words = [kind.charAt(0).toUpperCase() + kind.slice(1), rest.join(', ')].filter(Boolean).join(': ');
  return { words, icon: KINDS[kind] ?? 'activity' };
}

function plainly(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainly).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
