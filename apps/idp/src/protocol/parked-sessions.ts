import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { Session } from 'oidc-provider';
import type { Pool } from 'pg';
import { hashArtifactId } from './artifact-id.ts';
import type { ArtifactEnds } from './ends.ts';
import { reaching } from './errors.ts';

/** Beyond which the one that was left the longest ago is ended. */
const mostPerBrowser = 4;
const dayMs = 24 * 3600 * 1000;

type Cookies = Pick<Context, 'cookies'>;
type Leaving = Pick<Session, 'uid' | 'accountId' | 'transient'>;
export type ParkedSession = {
  /** What the browser holds of it. */
  id: string;
  uid: string;
  accountId: string;
  email: string;
  /** It does not end with the browser. */
  kept: boolean;
};
type Deps = { pool: Pick<Pool, 'query'>; ends: Pick<ArtifactEnds, 'session'>; https: boolean };
export type ParkedSessions = ReturnType<typeof createParkedSessions>;

/**
 * The sessions of a browser in which several people are signed in, but for the one that is current. Each waits under a
 * handle of its own, signed, which opens nothing but the account chooser: neither does it work as the current session's,
 * nor does the one that was current before. Idle and absolute lifetimes go on; who bans or ends one ends it here too.
 */
export function createParkedSessions({ pool, ends, https }: Deps) {
  const name = `${https ? '__Host-' : ''}portcullis_parked`;
  const attributes = { signed: true, httpOnly: true, sameSite: 'lax', secure: https, path: '/' } as const;
  const cookies = [
    { name, kept: false, lasting: {} }, // ends with the browser, as these sessions do
    { name: `${name}_kept`, kept: true, lasting: { maxAge: dayMs } },
  ];
  return { list, swap, end };

  /** Those that are alive, the last one left first; without accounts that are disabled or banned everywhere. */
  async function list(ctx: Cookies): Promise<ParkedSession[]> {
    const handles = handlesIn(ctx);
    return handles.length > 0 ? reaching(() => find(handles)) : [];
  }

  /** One goes, another takes its place, or nobody. */
  async function swap(
    ctx: Cookies,
    { leaving, entering }: { leaving: Leaving | undefined; entering: ParkedSession | undefined },
  ): Promise<void> {
    const others = (await list(ctx)).filter(({ uid }) => uid !== entering?.uid);
    const staying = others.filter(({ accountId }) => accountId !== leaving?.accountId);
    const gone = others.filter(({ accountId }) => accountId === leaving?.accountId);
    gone.push(...staying.splice(mostPerBrowser - (leaving ? 1 : 0)));
    for (const { uid } of gone) await ends.session(uid, 'session_ended');
    const parked = leaving && (await reaching(() => park(leaving)));
    write(ctx, parked ? [parked, ...staying] : staying);
  }

  /** Signs everybody out who is parked at this browser. */
  async function end(ctx: Cookies): Promise<void> {
    for (const { uid } of await list(ctx)) await ends.session(uid, 'sign_out');
    write(ctx, []);
  }

  /** Under a new handle; undefined when it has ended meanwhile. */
  async function park({ uid, transient }: Leaving): Promise<Pick<ParkedSession, 'id' | 'kept'> | undefined> {
    const id = randomBytes(32).toString('base64url');
    const { rowCount } = await pool.query({
      name: 'session-park',
      text: 'update sso_session set id_hash = $2, last_used_at = now() where uid = $1 and expires_at > now()',
      values: [uid, hashArtifactId(id)],
    });
    return rowCount === 1 ? { id, kept: transient !== true } : undefined;
  }

  async function find(handles: string[]): Promise<ParkedSession[]> {
    const ids = new Map(handles.map((id) => [hashArtifactId(id), id]));
    const { rows } = await pool.query<Omit<ParkedSession, 'id'> & { hash: string }>({
      name: 'session-parked',
      text: `select s.id_hash as hash, s.uid, s.account_id as "accountId", a.email,
                    coalesce(s.payload -> 'transient', 'false') = 'false' as kept
             from sso_session s join account_for_tokens a on a.id = s.account_id
             where s.id_hash = any($1) and s.expires_at > now()
             order by s.last_used_at desc`,
      values: [[...ids.keys()]],
    });
    return rows.map(({ hash, ...row }) => ({ ...row, id: ids.get(hash) ?? '' }));
  }

  function handlesIn(ctx: Cookies): string[] {
    const values = cookies.map((cookie) => ctx.cookies.get(cookie.name, { signed: true }));
    return values.flatMap((value) => value?.split('.').slice(0, mostPerBrowser) ?? []);
  }

  function write(ctx: Cookies, sessions: Pick<ParkedSession, 'id' | 'kept'>[]): void {
    for (const cookie of cookies) {
      const handles = sessions.filter(({ kept }) => kept === cookie.kept).map(({ id }) => id);
      if (handles.length > 0) ctx.cookies.set(cookie.name, handles.join('.'), { ...attributes, ...cookie.lasting });
      else if (ctx.cookies.get(cookie.name, { signed: false })) ctx.cookies.set(cookie.name, null, attributes);
    }
  }
}
