/** What an application needs to accept access tokens: the door of its API, and what that is made of. */
export { bearer, type Bearer, type BearerOptions } from './bearer.ts';
export type { Need } from './decision.ts';
export { createGuard, tokenOf, type Guard } from './guard.ts';
export { createIntrospection, type Introspect } from './introspection.ts';
export type { AccessToken } from './token.ts';
export { createVerifier, type Verification, type Verifier } from './verifier.ts';
export { feedSource, redisSource } from '@portcullis/revocation';
