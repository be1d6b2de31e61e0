/** Browsers that an account has signed in with before. A new one is told to its owner. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import { localeOf } from '#i18n/locale.ts';
import type { Post } from '#mail/post.ts';

/** As long as browsers keep a cookie. */
const lifeMs = 400 * 24 * 3600 * 1000;
/** So many people may share one browser. */
const tokensPerBrowser = 5;
const longestUserAgent = 512;

type Deps = { post: Pick<Post, 'send'>; https: boolean };
type SignIn = { accountId: string; clientName: string; at: Date };
export type Devices = ReturnType<typeof createDevices>;

export function createDevices({ post, https }: Deps) {
  const cookie = `${https ? '__Host-' : ''}portcullis_device`;
  return { seen };

  /**
   * A sign-in is complete. Where the account has other browsers and this is none of them, its owner gets a letter. The
   * token is new for each account and browser: one that somebody planted here makes nobody known.
   */
  async function seen(ctx: Context, em: EntityManager, { accountId, clientName, at }: SignIn): Promise<void> {
    const tokens = tokensOf(ctx);
    const userAgent = ctx.get('user-agent').slice(0, longestUserAgent) || null;
    const hashes = tokens.map((token) => hashOf(accountId, token));
    if (await isKnown(em, { accountId, hashes, userAgent, at })) return remember(ctx, tokens);
    const [token, id] = [randomBytes(32).toString('base64url'), randomUUID()];
    await em.transactional(async (tx) => {
      const others = await tx.execute<unknown[]>('select from known_device where account_id = ? limit 1', [accountId]);
      const forgottenBy = new Date(at.getTime() - lifeMs);
      await tx.execute('delete from known_device where account_id = ? and last_seen_at < ?', [accountId, forgottenBy]);
      await tx.execute(
        `insert into known_device (id, account_id, token_hash, user_agent, first_seen_at, last_seen_at)
         values (?, ?, ?, ?, ?, ?)`,
        [id, accountId, hashOf(accountId, token), userAgent, at, at],
      );
      if (!others.length) return;
      const data = { device: id, client: clientName, address: ctx.ip, at: at.toISOString() };
      await post.send(tx, { kind: 'new_sign_in', accountId, locale: localeOf(ctx), data });
    });
    remember(ctx, [token, ...tokens]);
  }

  async function isKnown(
    em: EntityManager,
    { accountId, hashes, userAgent, at }: { accountId: string; hashes: string[]; userAgent: string | null; at: Date },
  ): Promise<boolean> {
    if (!hashes.length) return false;
    const known = await em.execute<unknown[]>(
      `update known_device set last_seen_at = ?, user_agent = ?
       where account_id = ? and token_hash in (?) and last_seen_at > ? returning id`,
      [at, userAgent, accountId, hashes, new Date(at.getTime() - lifeMs)],
    );
    return known.length > 0;
  }

  function tokensOf(ctx: Context): string[] {
    const value = ctx.cookies.get(cookie, { signed: true });
    return value ? value.split('.').slice(0, tokensPerBrowser) : [];
  }

  /** Also renews the cookie's life. */
  function remember(ctx: Context, tokens: string[]): void {
    ctx.cookies.set(cookie, tokens.slice(0, tokensPerBrowser).join('.'), {
      signed: true,
      httpOnly: true,
      sameSite: 'lax',
      secure: https,
      maxAge: lifeMs,
    });
  }
}

function hashOf(accountId: string, token: string): string {
  return createHash('sha256').update(`${accountId}\0${token}`).digest('base64url');
}
