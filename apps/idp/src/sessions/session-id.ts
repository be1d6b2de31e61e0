/**
 * `sid` of the ID token, the access tokens and the logout token of one application: the SSO session, a dot, and the
 * grant it was given there. So one revocation of `<sso-session>` reaches every application, one of the whole value only
 * that application; and signing in again makes a new grant, hence a `sid` that no earlier revocation names.
 */
export function sidOf(sessionUid: string, grantId: string): string {
  return `${sessionUid}.${grantId.slice(0, 16)}`;
}

/** `sid` of the access tokens that outlive the session (`offline_access`): no end of a session names it, only that of the grant. */
export function lastingSidOf(grantId: string): string {
  return sidOf(grantId, grantId);
}
