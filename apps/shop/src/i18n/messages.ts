import { basketMessages } from '#basket/messages.ts';
import { catalogueMessages } from '#catalogue/messages.ts';
import { checkoutMessages } from '#checkout/messages.ts';
import { orderMessages } from '#orders/messages.ts';
import { pageMessages } from '#pages/messages.ts';
import { createWords, type MessageKey, type Words } from '@portcullis/ui';

/** Every text the shop says to people, by feature; each feature keeps its own in its `messages.ts`. */
export const features = {
  basket: basketMessages,
  catalogue: catalogueMessages,
  checkout: checkoutMessages,
  orders: orderMessages,
  pages: pageMessages,
};

export type ShopWords = Words<MessageKey<typeof features>>;

/** The words of one language: `t('orders.title')` in code, `{{t "orders.title"}}` in templates. */
export const wordsIn: (locale: ShopWords['locale']) => ShopWords = createWords(features);
