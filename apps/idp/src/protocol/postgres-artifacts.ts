import type { AdapterPayload } from 'oidc-provider';
import type { Pool } from 'pg';
import { accountColumns, type AccountForTokens } from '#accounts/lookup.ts';
import type { Reader } from '#database/reader.ts';
import { hashArtifactId } from './artifact-id.ts';
import type { RefreshHandle } from './refresh-handles.ts';
import { createRotations } from './rotations.ts';

export type PostgresArtifacts = ReturnType<typeof createPostgresArtifacts>;
export type SavedSession = { id: string; uid: string; accountId: string; payload: AdapterPayload; ttlSeconds: number };
export type SavedGrant = {
  id: string;
  accountId: string;
  clientId: string;
  /** The session it is given in, which has no row yet when it is new. */
  session: { uid: string | null; isNew: boolean; checkedAt: Date | null };
  outlivesSession: boolean;
  /** Only what the account has allowed, and still allows, may be granted. */
  needsConsent: boolean;
  payload: AdapterPayload;
  ttlSeconds: number;
};
/** Scopes of OpenID Connect, and resources (RFC 8707). */
export type Consented = { scopes: string[]; resources: string[] };
export type SavedRefreshFamily = { family: string; grantId: string; payload: AdapterPayload; ttlSeconds: number };

/** What a flow will ask for next; each undefined when it is missing, has expired, or may not have tokens. */
export type Surroundings = {
  session: AdapterPayload | undefined;
  grant: AdapterPayload | undefined;
  account: AccountForTokens | undefined;
};

export type RefreshFamilyFound = { payload: AdapterPayload; rotation: number };

type Row = { session: AdapterPayload | null; grant: AdapterPayload | null } & AccountForTokens & { id: string | null };

/**
 * What must survive everything: SSO sessions, grants, refresh token families. Prepared statements; PostgreSQL's clock decides expiry.
 * One statement reads all that a step of a flow needs. A session's handle is kept as SHA-256; `jti` is put back when found.
 */
export function createPostgresArtifacts({ pool, reader }: { pool: Pick<Pool, 'query'>; reader: Reader }) {
  const rotate = createRotations(pool);
  return {
    insertSession,
    updateSession,
    findSession,
    findSessionByUid,
    saveGrant,
    useConsent,
    findGrant,
    findForExchange,
    insertRefreshFamily,
    rotateRefreshFamily,
    findRefreshFamily,
    destroyRefreshFamily,
  };

  /**
   * Stores nothing for an account that was banned or disabled, or got another password, since its password was checked.
   * The account is locked, so that who changes the password sees this session or this sees the change.
   */
  async function insertSession(
    { id, uid, accountId, payload, ttlSeconds }: SavedSession,
    { userAgent, address, checkedAt }: { userAgent: string | null; address: string | null; checkedAt: Date | null },
  ): Promise<void> {
    await pool.query({
      name: 'session-insert',
      text: `insert into sso_session (uid, id_hash, account_id, payload, user_agent, address, expires_at)
             select $1, $2, a.id, $4, $5, $6, now() + make_interval(secs => $7)
             from account a
             where a.id = $3 and exists (select from account_for_tokens t where t.id = a.id)
               and ($8::timestamptz is null or a.password_changed_at is null or a.password_changed_at <= $8)
             for key share of a`,
      values: [uid, hashArtifactId(id), accountId, serialize(payload), userAgent, address, ttlSeconds, checkedAt],
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

  /**
   * Stores nothing when what it rests on has gone meanwhile: the session (of a new one: what `insertSession` asks for), or
   * the consent where one is needed. Their rows are locked, so that who ends them sees this grant or this sees the end.
   */
  async function saveGrant(grant: SavedGrant): Promise<void> {
    const { id, accountId, clientId, session, outlivesSession, needsConsent, payload, ttlSeconds } = grant;
    await pool.query({
      name: 'grant-save',
      text: `with live as (select uid from sso_session where uid = $4 and account_id = $2 and not $8 for key share),
             fresh as (
               select a.id from account a
               where $8 and a.id = $2 and exists (select from account_for_tokens t where t.id = a.id)
                 and ($9::timestamptz is null or a.password_changed_at is null or a.password_changed_at <= $9)
               for key share of a),
             allowed as (select client_id from consent where account_id = $2 and client_id = $3 for key share)
             insert into oidc_grant (id, account_id, client_id, session_uid, outlives_session, payload, expires_at)
             select $1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7)
             where (exists (select from live) or exists (select from fresh)) and (not $10 or exists (select from allowed))`,
      values: [
        id,
        accountId,
        clientId,
        session.uid,
        outlivesSession,
        JSON.stringify(payload),
        ttlSeconds,
        session.isNew,
        session.checkedAt,
        needsConsent,
      ],
    });
  }

  /** What the account allows the application of somebody else; that it is used now is noted. */
  async function useConsent(accountId: string, clientId: string): Promise<Consented | undefined> {
    const { rows } = await pool.query<Consented>({
      name: 'consent-use',
      text: `update consent set last_used_at = now() where account_id = $1 and client_id = $2 returning scopes, resources`,
      values: [accountId, clientId],
    });
    return rows[0];
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

  /**
   * With the audit event of entering the application. False when the grant has died meanwhile, or its session has been
   * ended: a request in flight may have stored the grant after that. The grant is locked first, as by whoever ends both.
   */
  async function insertRefreshFamily({ family, grantId, payload, ttlSeconds }: SavedRefreshFamily): Promise<boolean> {
    const { rowCount } = await pool.query({
      name: 'refresh-family-insert',
      text: `with given as (select id, account_id, client_id, session_uid from oidc_grant where id = $2 for key share),
             live as (select uid from sso_session where uid = (select session_uid from given) for key share),
             alive as (select * from given where session_uid is null or exists (select from live)),
             logged as (
               insert into audit_event (id, at, actor, action, account_id, client_id, detail)
               select gen_random_uuid(), now(), account_id::text, 'application.entered', account_id, client_id, '{}' from alive)
             insert into refresh_family (id, grant_id, rotation, payload, expires_at)
             select $1, id, 0, $3, now() + make_interval(secs => $4) from alive`,
      values: [family, grantId, serialize(payload), ttlSeconds],
    });
    return rowCount === 1;
  }

  /** Atomic: of any number of callers with the same rotation exactly one gets true. */
  async function rotateRefreshFamily({ family, rotation }: RefreshHandle, ttlSeconds: number): Promise<boolean> {
    return rotate({ family, rotation, ttlSeconds });
  }

  async function findRefreshFamily(family: string): Promise<(RefreshFamilyFound & Surroundings) | undefined> {
    const { rows } = await reader.query<Row & { family: AdapterPayload; rotation: number; exp: number }>({
      name: 'refresh-family-find',
      text: `select r.payload as family, r.rotation, floor(extract(epoch from r.expires_at))::float8 as exp,
                    s.payload as session, g.payload as grant, ${accountColumns}
             from refresh_family r
             join oidc_grant g on g.id = r.grant_id and g.expires_at > now()
             left join sso_session s on s.uid = g.session_uid and s.expires_at > now()
             left join account_for_tokens a on a.id = g.account_id
             where r.id = $1 and r.expires_at > now()`,
      values: [family],
    });
    const row = rows[0];
    return row && { ...surroundings(row), payload: { ...row.family, exp: row.exp }, rotation: row.rotation };
  }

  async function destroyRefreshFamily(family: string): Promise<void> {
    await pool.query({
      name: 'refresh-family-destroy',
      text: 'delete from refresh_family where id = $1',
      values: [family],
    });
  }
}

function surroundings({ session, grant, id, ...row }: Row): Surroundings {
  const { email, emailVerified, name, roles, bannedFrom, locale, picture } = row;
  return {
    session: session ?? undefined,
    grant: grant ?? undefined,
    account: id === null ? undefined : { id, email, emailVerified, name, roles, bannedFrom, locale, picture },
  };
}

function serialize({ jti: _handle, ...payload }: AdapterPayload): string {
  return JSON.stringify(payload);
}
