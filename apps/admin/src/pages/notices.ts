import type { AdminWords } from '#i18n/messages.ts';

export type Notice = { tone: 'success' | 'warning'; sentence: string };

/** What an act that leads to another page says there, by the name in that page's address. */
const sentences = {
  'session-ended': 'pages.session_ended',
  'sessions-ended': 'pages.sessions_ended',
  'application-withdrawn': 'pages.application_withdrawn',
  lifted: 'pages.lifted',
  'roles-changed': 'pages.roles_changed',
  'account-deleted': 'pages.account_deleted',
  'client-disabled': 'pages.client_disabled',
  'client-enabled': 'pages.client_enabled',
  'webhook-removed': 'pages.webhook_removed',
  everyone: 'pages.everyone_out',
} as const;

export type Done = keyof typeof sentences;

/** The address to go to after an act; `delivery` is what the admin API said of telling the applications. */
export function doneHref(path: string, done: Done, delivery: 'published' | 'pending'): string {
  return `${path}?done=${done}${delivery === 'pending' ? '&pending=1' : ''}`;
}

export function noticeOf({ t }: AdminWords, query: Record<string, string>): Notice | null {
  const done = query['done'] ?? '';
  if (!Object.hasOwn(sentences, done)) return null;
  const sentence = t(sentences[done as Done]);
  if (query['pending'] === undefined) return { tone: 'success', sentence };
  return { tone: 'warning', sentence: `${sentence} ${t('pages.pending')}` };
}
