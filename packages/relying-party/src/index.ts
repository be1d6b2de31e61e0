/** Sign-in by Portcullis for a koa application: authorization code flow, app session, refresh, sign-out, revocations. */
export { joinFamily, type Membership } from './family.ts';
export type { Health } from './health.ts';
export { createRelyingParty, type RelyingParty, type RelyingPartyOptions } from './relying-party.ts';
export { personOf, type AppSession } from './session.ts';
export { loadSettings, settingsOf, settingsShape, type Settings } from './settings.ts';
export { createFamilySite } from './site.ts';
