/** What an application needs to accept access tokens: the check itself and a koa middleware in front of an API. */
export type { AccessToken } from './token.ts';
export { createVerifier, type Verification, type Verifier } from './verifier.ts';
export { bearer } from './bearer.ts';
