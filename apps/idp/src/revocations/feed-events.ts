/**
 * What travels on the feed, as claims of security event tokens (RFC 8417). A revocation says itself twice: in the words
 * of OpenID CAEP 1.0 and RISC 1.0, for receivers of any make, and as the ledger entry, which is all a mirror needs.
 */
import { randomUUID } from 'node:crypto';
import type { Cause, Revocation, Target } from '@portcullis/revocation';
import type { JWTPayload } from 'jose';

const caep = 'https://schemas.openid.net/secevent/caep/event-type';
const risc = 'https://schemas.openid.net/secevent/risc/event-type';
const ours = 'urn:portcullis:event';

/** Where a stream stands in the broadcasts of its node: `n` counts them without a gap. */
type Numbered = { n: number };

export type FeedEvent =
  /** First on every stream. `now` is the node's clock, which all `at` of this stream are of. */
  | { kind: 'opened'; epoch: string; challenge: string; node: string; now: number; n: number }
  /** What the reader lacks: everything alive (`snapshot`), or what changed since its cursor. */
  | {
      kind: 'batch';
      challenge: string;
      index: number;
      last: boolean;
      snapshot: boolean;
      entries: Revocation[];
    }
  /** `at`: when the node heard of it. */
  | ({ kind: 'revocation'; entry: Revocation; at: number } & Numbered)
  /** Whatever was recorded before `at` has been sent. */
  | ({ kind: 'proof'; epoch: string; seq: number; at: number } & Numbered)
  /** The signing keys are not those of before: fetch the JWKS. */
  | ({ kind: 'keys-changed' } & Numbered);

/** Everything but `iss`, `iat` and `aud`. */
export function claimsOf(event: FeedEvent, issuer: string): JWTPayload {
  if (event.kind === 'revocation') return revocationClaims(event, issuer);
  const { kind, ...said } = event;
  return { jti: randomUUID(), events: { [`${ours}:${kind}`]: said } };
}

function revocationClaims({ entry, n, at }: FeedEvent & { kind: 'revocation' }, issuer: string): JWTPayload {
  const seconds = Math.floor(entry.recordedAt / 1000);
  const standard = standardEvent(entry);
  return {
    jti: randomUUID(),
    txn: entry.id,
    toe: seconds,
    sub_id: subjectOf(entry.target, issuer),
    events: {
      ...(standard ? { [standard.type]: { ...standard.said, ...initiator(entry.cause, seconds) } } : {}),
      [`${ours}:revocation`]: { n, at, entry },
    },
  };
}

/** RISC knows accounts only, and CAEP ends sessions of whatever subject; a lift for part of an account has no word in either. */
function standardEvent({ target, cause }: Revocation): { type: string; said: object } | undefined {
  if (cause === 'unban') return target.kind === 'account' ? accountEvents.unban : undefined;
  return (target.kind === 'account' ? accountEvents[cause] : undefined) ?? sessionRevoked;
}

const sessionRevoked = { type: `${caep}/session-revoked`, said: {} };

const accountEvents: Partial<Record<Cause, { type: string; said: object }>> = {
  ban: { type: `${risc}/account-disabled`, said: {} },
  unban: { type: `${risc}/account-enabled`, said: {} },
  account_deleted: { type: `${risc}/account-purged`, said: {} },
  password_changed: {
    type: `${caep}/credential-change`,
    said: { credential_type: 'password', change_type: 'update' },
  },
  factor_changed: {
    type: `${caep}/credential-change`,
    said: { credential_type: 'second-factor', change_type: 'update' },
  },
  /** Which claim, not its value: the next token has it. */
  roles_changed: { type: `${caep}/token-claims-change`, said: { claims: { roles: null } } },
};

function initiator(cause: Cause, seconds: number): object {
  return { event_timestamp: seconds, initiating_entity: initiators[cause], reason_admin: { en: cause } };
}

const initiators: Record<Cause, 'admin' | 'user' | 'policy'> = {
  ban: 'admin',
  unban: 'admin',
  sign_out: 'user',
  session_ended: 'user',
  password_changed: 'user',
  factor_changed: 'user',
  consent_withdrawn: 'user',
  refresh_reuse: 'policy',
  code_reuse: 'policy',
  roles_changed: 'admin',
  client_disabled: 'admin',
  secret_revoked: 'admin',
  token_revoked: 'user',
  account_deleted: 'admin',
  everyone_before: 'admin',
};

/** A subject identifier of RFC 9493; `complex` and `jwt_id` are those of the OpenID Shared Signals Framework 1.0, section 3. */
function subjectOf(target: Target, issuer: string): object {
  const user = (sub: string) => ({ format: 'iss_sub', iss: issuer, sub });
  const named = (id: string) => ({ format: 'opaque', id });
  switch (target.kind) {
    case 'account':
      return user(target.sub);
    case 'account-at-client':
      return { format: 'complex', user: user(target.sub), application: named(target.clientId) };
    case 'session':
      return { format: 'complex', session: named(target.sid) };
    case 'client':
      return { format: 'complex', application: named(target.clientId) };
    case 'token':
      return { format: 'jwt_id', iss: issuer, jti: target.jti };
    case 'everyone':
      return { format: 'complex', tenant: { format: 'uri', uri: issuer } };
  }
}
