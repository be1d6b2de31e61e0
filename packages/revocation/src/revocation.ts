/** Whose tokens are dead. */
export type Target =
  | { kind: 'token'; jti: string }
  /** `<sso-session>` reaches the session's tokens at every application, `<sso-session>.<part>` one application's. */
  | { kind: 'session'; sid: string }
  | { kind: 'account'; sub: string }
  | { kind: 'account-at-client'; sub: string; clientId: string }
  | { kind: 'client'; clientId: string }
  | { kind: 'everyone' };

export const causes = [
  'ban',
  'unban',
  'sign_out',
  'session_ended',
  'password_changed',
  'factor_changed',
  'consent_withdrawn',
  'refresh_reuse',
  'code_reuse',
  'roles_changed',
  'client_disabled',
  'secret_revoked',
  'token_revoked',
  'account_deleted',
  'everyone_before',
] as const;
export type Cause = (typeof causes)[number];

/** One ledger entry as it travels to verifiers. */
export type Revocation = {
  /** Of the ledger entry. An entry that changes (a ban is lifted) is published again under the same id with a higher `seq`. */
  id: string;
  /** Ledger sequence. Of two versions of an entry the higher one holds, in whatever order they arrive. */
  seq: number;
  target: Target;
  /** Epoch seconds: tokens with `iat` up to and including this are dead. null: every token, until lifted. */
  issuedBefore: number | null;
  cause: Cause;
  /** Epoch milliseconds. */
  recordedAt: number;
  /** Epoch seconds after which no affected token can be alive. null: no known end. */
  expiresAt: number | null;
};

/** What of a token the denylist looks at. */
export type TokenClaims = { jti?: string; sid?: string; sub?: string; client_id?: string; iat?: number };

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function isTarget(value: unknown): value is Target {
  if (!isRecord(value)) return false;
  switch (value['kind']) {
    case 'token':
      return isText(value['jti']);
    case 'session':
      return isText(value['sid']);
    case 'account':
      return isText(value['sub']);
    case 'account-at-client':
      return isText(value['sub']) && isText(value['clientId']);
    case 'client':
      return isText(value['clientId']);
    case 'everyone':
      return true;
    default:
      return false;
  }
}

function isRevocation(value: unknown): value is Revocation {
  return (
    isRecord(value) &&
    isText(value['id']) &&
    isNumber(value['seq']) &&
    isTarget(value['target']) &&
    (value['issuedBefore'] === null || isNumber(value['issuedBefore'])) &&
    isText(value['cause']) &&
    isNumber(value['recordedAt']) &&
    (value['expiresAt'] === null || isNumber(value['expiresAt']))
  );
}

/** Throws on an entry it cannot read: whoever skipped it would let through what somebody meant to stop. */
export function toRevocation(value: unknown): Revocation {
  if (!isRevocation(value)) throw new Error(`denylist entry cannot be read: ${JSON.stringify(value).slice(0, 200)}`);
  return value;
}
