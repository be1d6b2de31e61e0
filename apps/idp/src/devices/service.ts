/** Browsers and countries that an account has signed in with and from before. A new one is told to its owner. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import { localeOf } from '#i18n/locale.ts';
import type { Post } from '#mail/post.ts';
import type { Places } from '#places/service.ts';

/** As long as browsers keep a cookie. */
const lifeMs = 400 * 24 * 3600 * 1000;
/** So many people may share one browser. */
const tokensPerBrowser = 5;
const longestUserAgent = 512;

type Deps = { post: Pick<Post, 'send'>; places: Pick<Places, 'countryOf'>; https: boolean };
type SignIn = { accountId: string; clientName: string; at: Date };
type Sighting = { accountId: string; country: string | null; userAgent: string | null; at: Date };
export type Devices = ReturnType<typeof createDevices>;

export function createDevices({ post, places, https }: Deps) {
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
    const known = await renew(em, sighting, tokens);
    if (known.device && known.place) return remember(ctx, tokens);
    const added = known.device ? undefined : { id: randomUUID(), token: randomBytes(32).toString('base64url') };
    await em.transactional(async (tx) => {
      const { newDevice, newPlace } = await add(tx, sighting, added);
      if (!newDevice && !newPlace) return;
      const device = known.device ?? added?.id ?? null;
      const data = { device, newDevice, newPlace, client: clientName, address: ctx.ip, at: at.toISOString() };
      await post.send(tx, { kind: 'new_sign_in', accountId, locale: localeOf(ctx), data });
    });
    remember(ctx, added ? [added.token, ...tokens] : tokens);
  }

  /** Which of the two are known; one round trip, and for most sign-ins the only one. An unknown country is no new one. */
  async function renew(
    em: EntityManager,
    { accountId, country, userAgent, at }: Sighting,
    tokens: string[],
  ): Promise<{ device: string | null; place: boolean }> {
    if (!tokens.length) return { device: null, place: false };
    const hashes = tokens.map((token) => hashOf(accountId, token));
    const [known] = await em.execute<[{ device: string | null; place: boolean }]>(
      `with device as (
         update known_device set last_seen_at = ?, user_agent = ?
         where account_id = ? and token_hash in (?) and last_seen_at > ? returning id
       ), place as (
         update known_place set last_seen_at = ? where account_id = ? and country = ? returning country
       )
       select (select id from device limit 1) as device, ?::text is null or exists (select from place) as place`,
      [at, userAgent, accountId, hashes, forgottenBefore(at), at, accountId, country, country],
    );
    return known;
  }

  /** Adds what is missing. All parts of the statement see the tables as they were before it. */
  async function add(
    tx: EntityManager,
    { accountId, country, userAgent, at }: Sighting,
    device: { id: string; token: string } | undefined,
  ): Promise<{ newDevice: boolean; newPlace: boolean }> {
    const hash = device ? hashOf(accountId, device.token) : null;
    const [added] = await tx.execute<[{ newDevice: boolean; newPlace: boolean }]>(
      `with seen (account_id, country, user_agent, at, device, token_hash) as (
         values (?::uuid, ?::varchar, ?::text, ?::timestamptz, ?::uuid, ?::varchar)
       ), forgotten as (
         delete from known_device using seen
         where known_device.account_id = seen.account_id and last_seen_at < ?
       ), device as (
         insert into known_device (id, account_id, token_hash, user_agent, first_seen_at, last_seen_at)
         select device, account_id, token_hash, user_agent, at, at from seen where device is not null
         returning id
       ), place as (
         insert into known_place (account_id, country, first_seen_at, last_seen_at)
         select account_id, country, at, at from seen where country is not null
         on conflict (account_id, country) do update set last_seen_at = excluded.last_seen_at
         returning first_seen_at = last_seen_at as added
       )
       select exists (select from device) and exists (select from known_device join seen using (account_id)) as "newDevice",
              exists (select from place where added) and exists (select from known_place join seen using (account_id)) as "newPlace"`,
      [accountId, country, userAgent, at, device?.id ?? null, hash, forgottenBefore(at)],
    );
    return added;
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
