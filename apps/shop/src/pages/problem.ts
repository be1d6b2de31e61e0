import { catalogueMessages } from '#catalogue/messages.ts';
import { orderMessages } from '#orders/messages.ts';
import type { ErrorPage } from '@portcullis/http';
import { errorPage } from '@portcullis/ui';

/** What is said of refusals, by their codes. */
export const refusals = [catalogueMessages, orderMessages];

/** The page of everything that goes wrong in the shop, or on the way into it. */
export function createProblemPage(): ErrorPage {
  return errorPage('Shop', 'shop', refusals);
}
