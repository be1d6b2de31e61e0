import { categoryMessages } from '#categories/messages.ts';
import { moderationMessages } from '#moderation/messages.ts';
import { pageMessages } from '#pages/messages.ts';
import { threadMessages } from '#threads/messages.ts';
import { createWords, type MessageKey, type Words } from '@portcullis/ui';

/** Every text the forum says to people, by feature; each feature keeps its own in its `messages.ts`. */
export const features = {
  categories: categoryMessages,
  moderation: moderationMessages,
  pages: pageMessages,
  threads: threadMessages,
};

export type ForumWords = Words<MessageKey<typeof features>>;

/** The words of one language: `t('threads.reply')` in code, `{{t "threads.reply"}}` in templates. */
export const wordsIn: (locale: ForumWords['locale']) => ForumWords = createWords(features);
