import type { Cause, Target, TokenClaims } from '@portcullis/revocation';
import type { Pool } from 'pg';

export type RevocationLookup = ReturnType<typeof createRevocationLookup>;

/** Asks the ledger itself: slower than a mirror, and right whether Redis is there or not. */
export function createRevocationLookup(pool: Pick<Pool, 'query'>) {
  return { find };

  /** Why this token is dead, if it is. */
  async function find(claims: TokenClaims): Promise<Cause | undefined> {
    const { rows } = await pool.query<{ cause: Cause }>({
      name: 'revocation-of-token',
      text: `select cause from revocation
             where target = any ($1::jsonb[]) and (expires_at is null or expires_at > now())
               and (issued_before is null or issued_before >= to_timestamp($2)) limit 1`,
      values: [targetsOf(claims).map((target) => JSON.stringify(target)), claims.iat ?? 0],
    });
    return rows[0]?.cause;
  }
}

/** Everything an entry can name that reaches this token. */
function targetsOf({ jti, sid, sub, client_id: clientId }: TokenClaims): Target[] {
  const targets: Target[] = [{ kind: 'everyone' }];
  if (jti !== undefined) targets.push({ kind: 'token', jti });
  if (sid !== undefined) targets.push({ kind: 'session', sid }, { kind: 'session', sid: sid.split('.')[0] ?? sid });
  if (sub !== undefined) targets.push({ kind: 'account', sub });
  if (clientId !== undefined) targets.push({ kind: 'client', clientId });
  if (sub !== undefined && clientId !== undefined) targets.push({ kind: 'account-at-client', sub, clientId });
  return targets;
}
