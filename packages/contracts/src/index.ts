/** What the family's applications promise each other over HTTP. Both sides use these schemas: the one that answers and the one that asks. */
export { ANALYST, FAMILY_SCOPE, ListingQuery } from './listing.ts';
export { Order, OrderLine, OrdersAnswer } from './orders.ts';
export { Post, PostsAnswer, Thread, ThreadsAnswer } from './forum.ts';
