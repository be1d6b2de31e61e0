/** Sign-in by Portcullis for a koa application: authorization code flow, app session, refresh, sign-out, revocations. */
export { createRelyingParty, type RelyingParty, type RelyingPartyOptions } from './relying-party.ts';
export type { AppSession } from './session.ts';
