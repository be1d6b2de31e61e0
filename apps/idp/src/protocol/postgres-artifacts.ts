import type { AdapterPayload } from 'oidc-provider';
import type { Pool } from 'pg';
import { hashArtifactId } from './artifact-id.ts';

export type PostgresArtifacts = ReturnType<typeof createPostgresArtifacts>;
export type SavedSession = { id: string; uid: string; accountId: string; payload: AdapterPayload; ttlSeconds: number };
export type SavedGrant = {
  id: string;
  accountId: string;
  clientId: string;
  sessionUid: string | null;
  payload: AdapterPayload;
  ttlSeconds: number;
};

/**
 * What must survive everything: SSO sessions, grants, refresh tokens. Prepared statements; PostgreSQL's clock decides expiry.
 * Handles are kept as SHA-256; `jti` is put back when an artifact is found by its handle.
 */
export function createPostgresArtifacts(pool: Pool) {
  return {
    insertSession,
    updateSession,
    findSession,
    findSessionByUid,
    saveGrant,
    findGrant,
    insertRefreshToken,
    findRefreshToken,
    consumeRefreshToken,
    destroyRefreshToken,
  };

  async function insertSession(
    { id, uid, accountId, payload, ttlSeconds }: SavedSession,
    browser: { userAgent: string | null; address: string | null },
  ): Promise<void> {
    await pool.query({
      name: 'session-insert',
      text: `insert into sso_session (uid, id_hash, account_id, payload, user_agent, address, expires_at)
             values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))`,
      values: [uid, hashArtifactId(id), accountId, serialize(payload), browser.userAgent, browser.address, ttlSeconds],
    });
  }

  /** False when the session was ended meanwhile: what was ended stays ended. */
  async function updateSession({ id, uid, accountId, payload, ttlSeconds }: SavedSession): Promise<boolean> {
    const { rowCount } = await pool.query({
      name: 'session-update',
      text: `update sso_session set id_hash = $2, payload = $4, last_used_at = now(), expires_at = now() + make_interval(secs => $5)
             where uid = $1 and account_id = $3`,
      values: [uid, hashArtifactId(id), accountId, serialize(payload), ttlSeconds],
    });
    return rowCount === 1;
  }

  async function findSession(id: string): Promise<AdapterPayload | undefined> {
    const { rows } = await pool.query<{ payload: AdapterPayload }>({
      name: 'session-find',
      text: 'select payload from sso_session where id_hash = $1 and expires_at > now()',
      values: [hashArtifactId(id)],
    });
    return rows[0] && { ...rows[0].payload, jti: id };
  }

  async function findSessionByUid(uid: string): Promise<AdapterPayload | undefined> {
    const { rows } = await pool.query<{ payload: AdapterPayload }>({
      name: 'session-find-uid',
      text: 'select payload from sso_session where uid = $1 and expires_at > now()',
      values: [uid],
    });
    return rows[0]?.payload;
  }

  async function saveGrant({ id, accountId, clientId, sessionUid, payload, ttlSeconds }: SavedGrant): Promise<void> {
    await pool.query({
      name: 'grant-save',
      text: `insert into oidc_grant (id, account_id, client_id, session_uid, payload, expires_at)
             values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
             on conflict (id) do update set payload = excluded.payload, expires_at = excluded.expires_at`,
      values: [id, accountId, clientId, sessionUid, JSON.stringify(payload), ttlSeconds],
    });
  }

  async function findGrant(id: string): Promise<AdapterPayload | undefined> {
    const { rows } = await pool.query<{ payload: AdapterPayload }>({
      name: 'grant-find',
      text: 'select payload from oidc_grant where id = $1 and expires_at > now()',
      values: [id],
    });
    return rows[0]?.payload;
  }

  /** False when the grant has died meanwhile. */
  async function insertRefreshToken(
    id: string,
    grantId: string,
    payload: AdapterPayload,
    ttlSeconds: number,
  ): Promise<boolean> {
    const { rowCount } = await pool.query({
      name: 'refresh-token-insert',
      text: `insert into refresh_token (id_hash, grant_id, payload, expires_at)
             select $1, id, $3, now() + make_interval(secs => $4) from oidc_grant where id = $2 for key share`,
      values: [hashArtifactId(id), grantId, serialize(payload), ttlSeconds],
    });
    return rowCount === 1;
  }

  async function findRefreshToken(id: string): Promise<AdapterPayload | undefined> {
    const { rows } = await pool.query<{ payload: string; consumed: boolean }>({
      name: 'refresh-token-find',
      text: 'select payload, consumed_at is not null as consumed from refresh_token where id_hash = $1 and expires_at > now()',
      values: [hashArtifactId(id)],
    });
    const row = rows[0];
    if (!row) return undefined;
    return {
      ...(JSON.parse(row.payload) as AdapterPayload),
      jti: id,
      ...(row.consumed ? { consumed: true } : undefined),
    };
  }

  /** Atomic: of any number of callers exactly one gets true. */
  async function consumeRefreshToken(id: string): Promise<boolean> {
    const { rowCount } = await pool.query({
      name: 'refresh-token-consume',
      text: 'update refresh_token set consumed_at = now() where id_hash = $1 and consumed_at is null and expires_at > now()',
      values: [hashArtifactId(id)],
    });
    return rowCount === 1;
  }

  async function destroyRefreshToken(id: string): Promise<void> {
    await pool.query({
      name: 'refresh-token-destroy',
      text: 'delete from refresh_token where id_hash = $1',
      values: [hashArtifactId(id)],
    });
  }
}

function serialize({ jti: _handle, ...payload }: AdapterPayload): string {
  return JSON.stringify(payload);
}
