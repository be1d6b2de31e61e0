/** "Trust this device": a browser on which one account need not show its second factor for thirty days. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import { record as recordEvent } from '#audit/service.ts';

const lifeMs = 30 * 24 * 3600 * 1000;
/** So many people may share one browser. */
const tokensPerBrowser = 5;

export type TrustedDeviceSummary = {
  id: string;
  userAgent: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  /** It is the browser that asks. */
  here: boolean;
};

type Deps = { https: boolean; now: () => Date };
export type TrustedDevices = ReturnType<typeof createTrustedDevices>;

export function createTrustedDevices({ https, now }: Deps) {
  const cookie = `${https ? '__Host-' : ''}portcullis_trusted`;
  return { trust, recognise, list, revoke };

  /** Only after the second factor was shown. The token is new each time: one that somebody planted here earns no trust. */
  async function trust(ctx: Context, em: EntityManager, accountId: string): Promise<void> {
    const token = randomBytes(32).toString('base64url');
    const at = now();
    const id = randomUUID();
    await em.transactional(async (tx) => {
      await tx.execute(
        `insert into trusted_device (id, account_id, token_hash, user_agent, created_at, last_used_at, expires_at)
         values (?, ?, ?, ?, ?, ?, ?)`,
        [
          id,
          accountId,
          hashOf(accountId, token),
          ctx.get('user-agent') || null,
          at,
          at,
          new Date(at.getTime() + lifeMs),
        ],
      );
      recordEvent(tx, { at, actor: accountId, action: 'device.trusted', accountId, detail: { device: id } });
    });
    const tokens = [token, ...tokensOf(ctx)].slice(0, tokensPerBrowser);
    const attributes = { signed: true, httpOnly: true, sameSite: 'lax', secure: https, maxAge: lifeMs } as const;
    ctx.cookies.set(cookie, tokens.join('.'), attributes);
  }

  /** Whether this browser is trusted for this account: not after thirty days, nor after the password was changed. */
  async function recognise(ctx: Context, em: EntityManager, accountId: string): Promise<boolean> {
    const hashes = hashesHere(ctx, accountId);
    if (hashes.length === 0) return false;
    const at = now();
    const rows = await em.execute<unknown[]>(
      `update trusted_device d set last_used_at = ? from account a
       where a.id = d.account_id and ${holds} and d.account_id = ? and d.token_hash in (?) returning d.id`,
      [at, at, accountId, hashes],
    );
    return rows.length > 0;
  }

  /** The latest used first. */
  async function list(ctx: Context, em: EntityManager, accountId: string): Promise<TrustedDeviceSummary[]> {
    const here = new Set(hashesHere(ctx, accountId));
    const rows = await em.execute<Row[]>(
      `select d.id, d.token_hash, d.user_agent, d.created_at, d.last_used_at, d.expires_at
       from trusted_device d join account a on a.id = d.account_id
       where ${holds} and d.account_id = ? order by d.last_used_at desc`,
      [now(), accountId],
    );
    return rows.map((row) => ({
      id: row.id,
      userAgent: row.user_agent,
      createdAt: new Date(row.created_at),
      lastUsedAt: new Date(row.last_used_at),
      expiresAt: new Date(row.expires_at),
      here: here.has(row.token_hash),
    }));
  }

  /** False: the account has no such device. */
  async function revoke(
    em: EntityManager,
    { accountId, id, actor }: { accountId: string; id: string; actor: string | null },
  ): Promise<boolean> {
    return em.transactional(async (tx) => {
      const gone = await tx.execute<unknown[]>(
        'delete from trusted_device where account_id = ? and id::text = ? returning id',
        [accountId, id],
      );
      if (gone.length === 0) return false;
      recordEvent(tx, { at: now(), actor, action: 'device.forgotten', accountId, detail: { device: id } });
      return true;
    });
  }

  function hashesHere(ctx: Context, accountId: string): string[] {
    return tokensOf(ctx).map((token) => hashOf(accountId, token));
  }

  function tokensOf(ctx: Context): string[] {
    const value = ctx.cookies.get(cookie, { signed: true });
    return value ? value.split('.').slice(0, tokensPerBrowser) : [];
  }
}

const holds = `d.expires_at > ? and d.created_at > coalesce(a.password_changed_at, '-infinity')`;

type Row = {
  id: string;
  token_hash: string;
  user_agent: string | null;
  created_at: Date | string;
  last_used_at: Date | string;
  expires_at: Date | string;
};

function hashOf(accountId: string, token: string): string {
  return createHash('sha256').update(`${accountId}\0${token}`).digest('base64url');
}
