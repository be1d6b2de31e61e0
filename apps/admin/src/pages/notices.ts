export type Notice = { tone: 'success' | 'warning'; sentence: string };

/** What an act that leads to another page says there, by the name in that page's address. */
const sentences = {
  'session-ended': 'The session is over. Its next request anywhere is refused.',
  'sessions-ended': 'All sessions are over. The person has to sign in again everywhere.',
  'application-withdrawn': 'The application has lost its access to this account.',
  lifted: 'The ban is lifted. The person can sign in again; what was issued before stays dead.',
  'roles-changed': 'The roles are changed. Tokens with the old ones are dead; the next request gets new ones.',
  'account-deleted': 'The account is deleted, with everything it was signed in to.',
  'client-disabled': 'The application is switched off. Nobody can sign in to it, and its tokens are dead.',
  'client-enabled': 'The application is switched on again. People can sign in to it.',
  'webhook-removed': 'The webhook is removed. It is told of nothing any more.',
  everyone: 'Everybody is signed out. Every token issued before then is dead.',
} as const;

export type Done = keyof typeof sentences;

/** The address to go to after an act; `delivery` is what the admin API said of telling the applications. */
export function doneHref(path: string, done: Done, delivery: 'published' | 'pending'): string {
  return `${path}?done=${done}${delivery === 'pending' ? '&pending=1' : ''}`;
}

export function noticeOf(query: Record<string, string>): Notice | null {
  const done = query['done'] ?? '';
  if (!Object.hasOwn(sentences, done)) return null;
  const sentence = sentences[done as Done];
  if (query['pending'] === undefined) return { tone: 'success', sentence };
  return {
    tone: 'warning',
    sentence: `${sentence} It is recorded for good, but the applications could not be told yet; that is repeated until they are.`,
  };
}
