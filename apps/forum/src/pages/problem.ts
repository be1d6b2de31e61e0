import { categoryMessages } from '#categories/messages.ts';
import { moderationMessages } from '#moderation/messages.ts';
import { threadMessages } from '#threads/messages.ts';
import type { ErrorPage } from '@portcullis/http';
import { errorPage } from '@portcullis/ui';

/** What is said of refusals, by their codes. */
export const refusals = [categoryMessages, moderationMessages, threadMessages];

/** The page of everything that goes wrong in the forum, or on the way into it. */
export function createProblemPage(): ErrorPage {
  return errorPage('Forum', 'forum', refusals);
}
