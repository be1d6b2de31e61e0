/** What the family's applications promise each other over HTTP. Both sides use these schemas: the one that answers and the one that asks. */
export { ANALYST, FAMILY_SCOPE, ListingQuery } from './listing.ts';
export { Order, OrderLine, OrdersAnswer } from './orders.ts';
export { Post, PostsAnswer, Thread, ThreadsAnswer } from './forum.ts';
export {
  ActAnswer,
  ADMIN_ACR_VALUES,
  ADMIN_RESOURCE,
  ADMIN_MAX_AUTH_AGE_SECONDS,
  ADMIN_ROLES,
  ADMIN_SCOPE,
  AccountId,
  AdminProblem,
  type AdminRole,
  ClientId,
  PageQuery,
  Publication,
  SessionId,
} from './admin.ts';
export * from './admin-accounts.ts';
export * from './admin-audit.ts';
export * from './admin-bans.ts';
export * from './admin-system.ts';
export * from './admin-webhooks.ts';
