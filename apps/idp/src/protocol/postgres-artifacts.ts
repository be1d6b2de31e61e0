import type { AdapterPayload } from 'oidc-provider';
import type { Pool } from 'pg';
import { accountColumns, type AccountForTokens } from '#accounts/lookup.ts';
import type { Reader } from '#database/reader.ts';
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
export type SavedRefreshToken = { id: string; grantId: string; payload: AdapterPayload; ttlSeconds: number };

/** What a flow will ask for next; each undefined when it is missing, has expired, or may not have tokens. */
export type Surroundings = {
  session: AdapterPayload | undefined;
  grant: AdapterPayload | undefined;
  account: AccountForTokens | undefined;
};

type Row = { session: AdapterPayload | null; grant: AdapterPayload | null } & AccountForTokens & { id: string | null };

/**
 * What must survive everything: SSO sessions, grants, refresh tokens. Prepared statements; PostgreSQL's clock decides expiry.
 * One statement reads all that a step of a flow needs. Handles are kept as SHA-256; `jti` is put back when found.
 */
export function createPostgresArtifacts({ pool, reader }: { pool: Pick<Pool, 'query'>; reader: Reader }) {
  return {
    insertSession,
    updateSession,
    findSession,
    findSessionByUid,
    saveGrant,
    findGrant,
    findForExchange,
    insertRefreshToken,
    rotateRefreshToken,
    findRefreshToken,
    destroyRefreshToken,
  };

  /** Stores nothing for an account that was banned or disabled since its password was checked. */
  async function insertSession(
    { id, uid, accountId, payload, ttlSeconds }: SavedSession,
    browser: { userAgent: string | null; address: string | null },
  ): Promise<void> {
    await pool.query({
      name: 'session-insert',
      text: `insert into sso_session (uid, id_hash, account_id, payload, user_agent, address, expires_at)
             select $1, $2, a.id, $4, $5, $6, now() + make_interval(secs => $7) from account_for_tokens a where a.id = $3`,
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

  /** With the account, and the grant it gave the client that asks now. */
  async function findSession(id: string, clientId: string | null): Promise<Surroundings | undefined> {
    const { rows } = await reader.query<Row>({
      name: 'session-find',
      text: `select s.payload as session, g.payload as grant, ${accountColumns}
             from sso_session s
             left join oidc_grant g
               on g.id = s.payload -> 'authorizations' -> $2 ->> 'grantId' and g.expires_at > now()
             left join account_for_tokens a on a.id = s.account_id
             where s.id_hash = $1 and s.expires_at > now()`,
      values: [hashArtifactId(id), clientId],
    });
    const found = rows[0] && surroundings(rows[0]);
    return found && { ...found, session: { ...found.session, jti: id } };
  }

  async function findSessionByUid(uid: string): Promise<AdapterPayload | undefined> {
    const { rows } = await reader.query<{ payload: AdapterPayload }>({
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
    const { rows } = await reader.query<{ payload: AdapterPayload }>({
      name: 'grant-find',
      text: 'select payload from oidc_grant where id = $1 and expires_at > now()',
      values: [id],
    });
    return rows[0]?.payload;
  }

  /** What the exchange of an authorization code will look at. */
  async function findForExchange(code: {
    accountId: string;
    grantId: string;
    sessionUid: string;
  }): Promise<Surroundings> {
    const { rows } = await reader.query<Row>({
      name: 'exchange-find',
      text: `select s.payload as session, g.payload as grant, ${accountColumns}
             from (select $1::uuid as account_id) wanted
             left join account_for_tokens a on a.id = wanted.account_id
             left join oidc_grant g on g.id = $2 and g.expires_at > now()
             left join sso_session s on s.uid = $3 and s.expires_at > now()`,
      values: [code.accountId, code.grantId, code.sessionUid],
    });
    return rows[0] ? surroundings(rows[0]) : { session: undefined, grant: undefined, account: undefined };
  }

  /** The first of a family, with the audit event of entering the application. False when the grant has died meanwhile. */
  async function insertRefreshToken({ id, grantId, payload, ttlSeconds }: SavedRefreshToken): Promise<boolean> {
    const { rowCount } = await pool.query({
      name: 'refresh-token-insert',
      text: `with alive as (select id, account_id, client_id from oidc_grant where id = $2 for key share),
             logged as (
               insert into audit_event (id, at, actor, action, account_id, client_id, detail)
               select gen_random_uuid(), now(), account_id::text, 'application.entered', account_id, client_id, '{}' from alive)
             insert into refresh_token (id_hash, grant_id, payload, expires_at)
             select $1, id, $3, now() + make_interval(secs => $4) from alive`,
      values: [hashArtifactId(id), grantId, serialize(payload), ttlSeconds],
    });
    return rowCount === 1;
  }

  /**
   * Consumes `id` and stores its successor, in one step: of any number of callers exactly one gets true, and a
   * node that dies leaves either both done or neither. The grant is locked first, as by whoever ends it.
   */
  async function rotateRefreshToken(id: string, successor: SavedRefreshToken): Promise<boolean> {
    const { rowCount } = await pool.query({
      name: 'refresh-token-rotate',
      text: `with alive as (select id from oidc_grant where id = $3 for key share),
             consumed as (
               update refresh_token set consumed_at = now()
               where id_hash = $1 and consumed_at is null and expires_at > now() and grant_id = (select id from alive)
               returning grant_id)
             insert into refresh_token (id_hash, grant_id, payload, expires_at)
             select $2, grant_id, $4, now() + make_interval(secs => $5) from consumed`,
      values: [
        hashArtifactId(id),
        hashArtifactId(successor.id),
        successor.grantId,
        serialize(successor.payload),
        successor.ttlSeconds,
      ],
    });
    return rowCount === 1;
  }

  async function findRefreshToken(id: string): Promise<({ token: AdapterPayload } & Surroundings) | undefined> {
    const { rows } = await reader.query<Row & { token: string; consumed: boolean }>({
      name: 'refresh-token-find',
      text: `select r.payload as token, r.consumed_at is not null as consumed,
                    s.payload as session, g.payload as grant, ${accountColumns}
             from refresh_token r
             join oidc_grant g on g.id = r.grant_id and g.expires_at > now()
             left join sso_session s on s.uid = g.session_uid and s.expires_at > now()
             left join account_for_tokens a on a.id = g.account_id
             where r.id_hash = $1 and r.expires_at > now()`,
      values: [hashArtifactId(id)],
    });
    const row = rows[0];
    if (!row) return undefined;
    const token = { ...(JSON.parse(row.token) as AdapterPayload), jti: id };
    return { ...surroundings(row), token: row.consumed ? { ...token, consumed: true } : token };
  }

  async function destroyRefreshToken(id: string): Promise<void> {
    await pool.query({
      name: 'refresh-token-destroy',
      text: 'delete from refresh_token where id_hash = $1',
      values: [hashArtifactId(id)],
    });
  }
}

function surroundings({ session, grant, id, email, emailVerified, name, roles, bannedFrom }: Row): Surroundings {
  return {
    session: session ?? undefined,
    grant: grant ?? undefined,
    account: id === null ? undefined : { id, email, emailVerified, name, roles, bannedFrom },
  };
}

function serialize({ jti: _handle, ...payload }: AdapterPayload): string {
  return JSON.stringify(payload);
}
