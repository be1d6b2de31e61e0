/** Browsers and countries that an account has signed in with and from before. A new one is told to its owner. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import type { Reader } from '#database/reader.ts';
import { localeOf } from '#i18n/locale.ts';
import type { Post } from '#mail/post.ts';
import type { Places } from '#places/service.ts';

/** So exactly it is kept when something was last seen: most sign-ins write nothing. */
const dayMs = 24 * 3600 * 1000;
/** As long as browsers keep a cookie. */
const lifeMs = 400 * dayMs;
/** So many people may share one browser. */
const tokensPerBrowser = 5;
const longestUserAgent = 512;

type Deps = { reader: Reader; post: Pick<Post, 'send'>; places: Pick<Places, 'countryOf'>; https: boolean };
type SignIn = { accountId: string; clientName: string; at: Date };
type Sighting = { accountId: string; country: string | null; userAgent: string | null; at: Date };
/** `hash`: of the browser's token, where it is known. */
type Known = { hash: string | null; upToDate: boolean };
type Noted = { device: string; newDevice: boolean; newPlace: boolean };
export type Devices = ReturnType<typeof createDevices>;

export function createDevices({ reader, post, places, https }: Deps) {
  const cookie = `${https ? '__Host-' : ''}portcullis_device`;
  return { seen };

  /**
   * A sign-in is complete. Where the account has other browsers and this is none of them, its owner gets a letter; also
   * where it has been to other countries and never to this one. The token is new for each account and browser: one that
   * somebody planted here makes nobody known.
   */
  async function seen(ctx: Context, em: EntityManager, { accountId, clientName, at }: SignIn): Promise<void> {
    const tokens = tokensOf(ctx);
    const userAgent = ctx.get('user-agent').slice(0, longestUserAgent) || null;
    const sighting = { accountId, country: places.countryOf(ctx.ip) ?? null, userAgent, at };
    const { hash, upToDate } = await look(sighting, tokens);
    if (upToDate) return remember(ctx, tokens);
    const token = hash === null ? randomBytes(32).toString('base64url') : undefined;
    await em.transactional(async (tx) => {
      const noted = await note(tx, sighting, hash ?? hashOf(accountId, token ?? ''));
      if (!noted.newDevice && !noted.newPlace) return;
      const data = { ...noted, client: clientName, address: ctx.ip, at: at.toISOString() };
      await post.send(tx, { kind: 'new_sign_in', accountId, locale: localeOf(ctx), data });
    });
    remember(ctx, token === undefined ? tokens : [token, ...tokens]);
  }

  /**
   * The browser, if it is known, and whether there is nothing to note: for most sign-ins this is the only round trip. An
   * unknown country is no new one.
   */
  async function look({ accountId, country, userAgent, at }: Sighting, tokens: string[]): Promise<Known> {
    if (!tokens.length) return { hash: null, upToDate: false };
    const { rows } = await reader.query<Known>({
      name: 'device-look',
      text: `
        with device as (
          select token_hash, last_seen_at > $6 and user_agent is not distinct from $4 as fresh from known_device
          where account_id = $1 and token_hash = any ($2) and last_seen_at > $5 limit 1
        ), place as (
          select last_seen_at > $6 as fresh from known_place where account_id = $1 and country = $3
        )
        select (select token_hash from device) as hash,
               exists (select from device where fresh) and ($3 is null or exists (select from place where fresh)) as "upToDate"`,
      values: [
        accountId,
        tokens.map((token) => hashOf(accountId, token)),
        country,
        userAgent,
        forgottenBefore(at),
        new Date(at.getTime() - dayMs),
      ],
    });
    return rows[0] ?? { hash: null, upToDate: false };
  }

  /** Adds or renews both. All parts of the statement see the tables as they were before it. */
  async function note(
    tx: EntityManager,
    { accountId, country, userAgent, at }: Sighting,
    hash: string,
  ): Promise<Noted> {
    const [noted] = await tx.execute<[Noted]>(
      `with seen (id, account_id, token_hash, country, user_agent, at) as (
         values (?::uuid, ?::uuid, ?::varchar, ?::varchar, ?::text, ?::timestamptz)
       ), forgotten as (
         delete from known_device using seen
         where known_device.account_id = seen.account_id and last_seen_at < ?
       ), device as (
         insert into known_device (id, account_id, token_hash, user_agent, first_seen_at, last_seen_at)
         select id, account_id, token_hash, user_agent, at, at from seen
         on conflict (token_hash) do update set last_seen_at = excluded.last_seen_at, user_agent = excluded.user_agent
         returning id, first_seen_at = last_seen_at as added
       ), place as (
         insert into known_place (account_id, country, first_seen_at, last_seen_at)
         select account_id, country, at, at from seen where country is not null
         on conflict (account_id, country) do update set last_seen_at = excluded.last_seen_at
         returning first_seen_at = last_seen_at as added
       )
       select (select id from device) as device,
              exists (select from device where added) and exists (select from known_device join seen using (account_id)) as "newDevice",
              exists (select from place where added) and exists (select from known_place join seen using (account_id)) as "newPlace"`,
      [randomUUID(), accountId, hash, country, userAgent, at, forgottenBefore(at)],
    );
    return noted;
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

function forgottenBefore(at: Date): Date {
  return new Date(at.getTime() - lifeMs);
}

function hashOf(accountId: string, token: string): string {
  return createHash('sha256').update(`${accountId}\0${token}`).digest('base64url');
}
