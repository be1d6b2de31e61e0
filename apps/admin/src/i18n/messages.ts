import { accountMessages } from '#account/messages.ts';
import { accountsMessages } from '#accounts/messages.ts';
import { applicationsMessages } from '#applications/messages.ts';
import { auditMessages } from '#audit/messages.ts';
import { bansMessages } from '#bans/messages.ts';
import { everyoneMessages } from '#everyone/messages.ts';
import { overviewMessages } from '#overview/messages.ts';
import { pageMessages } from '#pages/messages.ts';
import { webhooksMessages } from '#webhooks/messages.ts';
import { localeOf } from '@portcullis/http';
import { createWords, type MessageKey, type Words } from '@portcullis/ui';
import type { Context } from 'koa';

/** Every text the console says to people, by feature; each feature keeps its own in its `messages.ts`. */
export const features = {
  account: accountMessages,
  accounts: accountsMessages,
  applications: applicationsMessages,
  audit: auditMessages,
  bans: bansMessages,
  everyone: everyoneMessages,
  overview: overviewMessages,
  pages: pageMessages,
  webhooks: webhooksMessages,
};

export type AdminWords = Words<MessageKey<typeof features>>;

/** The words of one language: `t('bans.ends')` in code, `{{t "bans.ends"}}` in templates. */
export const wordsIn: (locale: AdminWords['locale']) => AdminWords = createWords(features);

/** In the language of the request. */
export function wordsOf(ctx: Context): AdminWords {
  return wordsIn(localeOf(ctx));
}
