/** The rows through which an account gets in without a password. Their tables belong to #protocol; refresh tokens fall with their grant (foreign key), so a refresh in flight cannot store a successor. */
import type { EntityManager } from '@mikro-orm/postgresql';

const batchRows = 5000;

/** Everything the account has open: at the named clients, or everywhere, sign-in sessions included. */
export async function deleteAccess(em: EntityManager, accountId: string, clientIds: string[] | null): Promise<void> {
  if (clientIds) {
    for (const clientId of clientIds)
      await em.execute('delete from oidc_grant where account_id = ? and client_id = ?', [accountId, clientId]);
    return;
  }
  await em.execute('delete from oidc_grant where account_id = ?', [accountId]);
  await em.execute('delete from sso_session where account_id = ?', [accountId]);
  await deleteSessionlessGrants(em, accountId); // what a request in flight stored before its session was gone
}

/** One session with its grants, but for those that outlive it. Answers whose it was, when anything was left of it. */
export async function deleteSession(em: EntityManager, uid: string): Promise<string | undefined> {
  const grants = await deleteReturningOwner(
    em,
    'delete from oidc_grant where session_uid = ? and not outlives_session returning account_id',
    uid,
  );
  await em.execute('update oidc_grant set session_uid = null where session_uid = ?', [uid]);
  const session = await deleteReturningOwner(em, 'delete from sso_session where uid = ? returning account_id', uid);
  return session ?? grants;
}

/** What a `sid` names: a whole session with its grants, or one application's part of it. */
export async function deleteSessionAccess(em: EntityManager, sid: string): Promise<void> {
  const [uid = '', part] = sid.split('.');
  if (part === undefined) return void (await deleteSession(em, uid));
  await em.execute('delete from oidc_grant where session_uid = ? and starts_with(id, ?)', [uid, part]);
  await em.execute('delete from oidc_grant where id = ? and outlives_session', [uid]);
}

/** Grants that have outlived their session. */
export async function deleteSessionlessGrants(em: EntityManager, accountId: string): Promise<boolean> {
  const sql = 'delete from oidc_grant where session_uid is null and account_id = ? returning account_id';
  return (await deleteReturningOwner(em, sql, accountId)) !== undefined;
}

/** Also sessions that have expired while tokens that came of them may be alive. */
export async function sessionsOf(em: EntityManager, accountId: string): Promise<string[]> {
  const rows = await em.execute<{ uid: string }[]>(
    `select uid from sso_session where account_id = ?
     union select session_uid from oidc_grant where account_id = ? and session_uid is not null`,
    [accountId, accountId],
  );
  return rows.map(({ uid }) => uid);
}

/** Everything one application has, of everybody. */
export async function deleteClientGrants(em: EntityManager, clientId: string): Promise<void> {
  await em.execute('delete from oidc_grant where client_id = ?', [clientId]);
}

export type Deleted = { sessions: number; grants: number };

/** Sessions and grants that were made up to `at`; each batch is a transaction of its own. */
export async function deleteSignInsBefore(
  em: EntityManager,
  at: Date,
  onProgress: (deleted: Deleted) => void,
): Promise<Deleted> {
  const deleted = { sessions: 0, grants: 0 };
  for (const [kind, table, key] of [
    ['grants', 'oidc_grant', 'id'],
    ['sessions', 'sso_session', 'uid'],
  ] as const) {
    const sql = `
      with batch as (select ${key} from ${table} where ${key} > ? and created_at <= ? order by ${key} limit ${batchRows}),
           gone as (delete from ${table} t using batch where t.${key} = batch.${key} returning 1)
      select (select max(${key}) from batch) as last, (select count(*)::int from gone) as gone`;
    let last: string | null = '';
    while (last !== null) {
      const rows: { last: string | null; gone: number }[] = await em.execute(sql, [last, at], 'all');
      last = rows[0]?.last ?? null;
      deleted[kind] += rows[0]?.gone ?? 0;
      onProgress({ ...deleted });
    }
  }
  return deleted;
}

async function deleteReturningOwner(em: EntityManager, sql: string, value: string): Promise<string | undefined> {
  const rows = await em.execute<{ account_id: string }[]>(sql, [value], 'all');
  return rows[0]?.account_id;
}
