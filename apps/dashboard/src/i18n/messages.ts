import { overviewMessages } from '#overview/messages.ts';
import { createWords, type MessageKey, type Words } from '@portcullis/ui';

/** Every text the dashboard says to people, by feature; each feature keeps its own in its `messages.ts`. */
export const features = { overview: overviewMessages };

export type DashboardWords = Words<MessageKey<typeof features>>;

/** The words of one language: `t('overview.orders')` in code, `{{t "overview.orders"}}` in templates. */
export const wordsIn: (locale: DashboardWords['locale']) => DashboardWords = createWords(features);
