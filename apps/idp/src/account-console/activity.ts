import type { AuditHistory, AuditPosition, AuditRecord } from '#audit/history.ts';
import type { IdpWords } from '#i18n/messages.ts';
import type { Places } from '#places/service.ts';
import { sentenceFor } from './activity-messages.ts';
import type { ActivityLine, AccountViews, Console } from './views.ts';

const pageLength = 25;
type Look = Pick<ActivityLine, 'icon' | 'tone'>;

/** By how the action's name ends or begins; the first that fits. */
const looks: [RegExp, Look][] = [
  [/refused|banned|ban\.created|disabled/, { icon: 'circle-x', tone: 'danger' }],
  [/signed_in|entered/, { icon: 'log-in', tone: 'success' }],
  [/session|signed_out/, { icon: 'log-out', tone: '' }],
  [/password|passkey|factor|recovery|totp|code/, { icon: 'key-round', tone: 'warning' }],
  [/device/, { icon: 'monitor', tone: '' }],
  [/delet/, { icon: 'trash-2', tone: 'danger' }],
  [/consent/, { icon: 'layout-grid', tone: '' }],
];

/** Whose account it is, in which words, and what applications and places are called. */
type Reader = {
  accountId: string;
  words: IdpWords;
  nameOf: (clientId: string) => string;
  originOf: Places['originOf'];
};
type Page = Omit<AccountViews['account-activity'], keyof Console>;

/** A page of what happened to an account, the newest first; `after` is what an address of ours asked for. */
export async function activityPage(
  history: Pick<AuditHistory, 'page'>,
  { after, ...reader }: Reader & { after: string | undefined },
): Promise<Page> {
  const position = positionOf(after);
  const limit = pageLength + 1;
  const found = await history.page({ accountId: reader.accountId }, { limit, ...(position && { after: position }) });
  const events = found.slice(0, pageLength);
  const last = events.at(-1);
  return {
    events: events.map((event) => line(event, reader)),
    newestHref: position ? '/account/activity' : null,
    olderHref: found.length > pageLength && last ? `/account/activity?after=${last.at.getTime()}_${last.id}` : null,
  };
}

function line(
  { at, actor, action, clientId, detail }: AuditRecord,
  { accountId, words: { t, locale }, nameOf, originOf }: Reader,
): ActivityLine {
  return {
    ...(looks.find(([pattern]) => pattern.test(action))?.[1] ?? { icon: 'activity', tone: '' }),
    sentence: t(sentenceFor(action), { application: clientId === null ? '' : nameOf(clientId) }),
    by: actor === null ? t('activity.by_system') : actor.id === accountId ? null : t('activity.by_operator'),
    at,
    ...originOf(typeof detail['address'] === 'string' ? detail['address'] : null, locale),
  };
}

function positionOf(after: string | undefined): AuditPosition | undefined {
  const [, ms, id] = /^(\d{1,14})_([0-9a-f-]{36})$/.exec(after ?? '') ?? [];
  return ms && id ? { at: new Date(Number(ms)), id } : undefined;
}
