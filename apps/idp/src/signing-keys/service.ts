import type { EntityManager } from '@mikro-orm/postgresql';
import { record } from '#audit/service.ts';
import { raiseConfigurationVersion } from '#database/configuration-version.ts';
import { AppError } from '@portcullis/http';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { SigningKey, type KeyState } from './entity.ts';
import type { Sealer } from './sealed.ts';

/** ES256 for our own applications, RS256 for clients that do not say (OpenID Connect Core, section 3.1.3.7). */
const algorithms = ['ES256', 'RS256'] as const;

/** A verifier that caches the JWKS for `jwksMaxAgeSeconds` knows a key this long after it was published (F-15). */
export const jwksMaxAgeSeconds = 60;
const publishSeconds = jwksMaxAgeSeconds + 30;
/** ID tokens live an hour, access tokens less: after that nobody needs the key, but for `id_token_hint`. */
const retireSeconds = 24 * 3600;

/** Serialises the nodes that start or rotate at the same time. */
const lockKeys = "select pg_advisory_xact_lock(hashtext('portcullis signing keys'))";

export type PublishedKey = { kid: string; alg: string; state: KeyState; privateJwk: Record<string, unknown> };
export type SigningKeys = ReturnType<typeof createSigningKeys>;

export function createSigningKeys({ sealer, now = () => new Date() }: { sealer: Sealer; now?: () => Date }) {
  return { ensure, published, list, rotate, remove };

  /** First start: an active and a next key for each algorithm. Later: nothing. */
  async function ensure(em: EntityManager): Promise<void> {
    await em.transactional(async (tx) => {
      await tx.execute(lockKeys);
      const present = await tx.find(SigningKey, { state: ['active', 'next'] });
      const missing = algorithms.flatMap((alg) =>
        (['active', 'next'] as const)
          .filter((state) => !present.some((key) => key.alg === alg && key.state === state))
          .map((state) => ({ alg, state })),
      );
      if (!missing.length) return;
      for (const { alg, state } of missing) await generate(tx, alg, state);
      await raiseConfigurationVersion(tx);
    });
  }

  /** What the JWKS shows, keys that sign first. */
  async function published(em: EntityManager): Promise<PublishedKey[]> {
    const order: Record<KeyState, number> = { active: 0, next: 1, retiring: 2, retired: 3 };
    const keys = await em.find(SigningKey, { state: { $ne: 'retired' } });
    const sorted = keys.toSorted((a, b) => order[a.state] - order[b.state] || (a.kid < b.kid ? -1 : 1));
    return Promise.all(
      sorted.map(async ({ kid, alg, state, privateJwk }) => ({
        kid,
        alg,
        state,
        privateJwk: await sealer.unseal(privateJwk),
      })),
    );
  }

  async function list(em: EntityManager): Promise<SigningKey[]> {
    return em.find(SigningKey, {}, { orderBy: { alg: 'asc', createdAt: 'desc' } });
  }

  /**
   * next → active → retiring → retired, and a fresh next. Refused while verifiers may not have seen the next key yet,
   * unless forced; a retiring key is retired by the first rotation a day after it stopped signing.
   */
  async function rotate(em: EntityManager, { force = false } = {}): Promise<void> {
    await em.transactional(async (tx) => {
      await tx.execute(lockKeys);
      const at = now();
      const keys = await tx.find(SigningKey, { state: { $ne: 'retired' } });
      const waitSeconds = Math.max(
        ...keys
          .filter((key) => key.state === 'next')
          .map((key) => publishSeconds - (at.getTime() - key.stateChangedAt.getTime()) / 1000),
      );
      if (waitSeconds > 0 && !force)
        throw new AppError(
          'conflict',
          'next_key_too_young',
          `The next key was published just now; applications may not know it yet. Try again in ${Math.ceil(waitSeconds)} s.`,
        );
      for (const key of keys) {
        const ageSeconds = (at.getTime() - key.stateChangedAt.getTime()) / 1000;
        const following = {
          next: 'active',
          active: 'retiring',
          retiring: ageSeconds > retireSeconds ? 'retired' : 'retiring',
        } as const;
        if (key.state === 'retired' || following[key.state] === key.state) continue;
        key.state = following[key.state];
        key.stateChangedAt = at;
      }
      for (const alg of algorithms) await generate(tx, alg, 'next');
      await tx.flush();
      await raiseConfigurationVersion(tx);
    });
  }

  /**
   * For a key that has leaked: it leaves the JWKS at once, and every node and application refuses what it signed within
   * `jwksMaxAgeSeconds`. Where it signed, the next key signs from now on, whether or not all have seen it yet.
   */
  async function remove(
    em: EntityManager,
    { kid, actor }: { kid: string; actor: string | null },
  ): Promise<{ ok: true; signs: string } | { ok: false; reason: 'not_found' | 'retired' }> {
    return em.transactional(async (tx) => {
      await tx.execute(lockKeys);
      const at = now();
      const keys = await tx.find(SigningKey, { state: { $ne: 'retired' } });
      const key = keys.find((one) => one.kid === kid);
      if (!key) return { ok: false, reason: (await tx.count(SigningKey, { kid })) ? 'retired' : 'not_found' };
      const alg = algorithms.find((one) => one === key.alg);
      if (!alg) throw new Error(`a key for ${key.alg}, which nothing here signs with`);
      const { state } = key;
      Object.assign(key, { state: 'retired', stateChangedAt: at });
      const next = keys.find((one) => one.alg === alg && one.state === 'next');
      if (state === 'active' && next) Object.assign(next, { state: 'active', stateChangedAt: at });
      record(tx, { at, actor, action: 'signing_key.removed', detail: { kid, alg, state } });
      await tx.flush();
      if (state !== 'retiring') await generate(tx, alg, 'next');
      await raiseConfigurationVersion(tx);
      const active = await tx.findOneOrFail(SigningKey, { alg, state: 'active' });
      return { ok: true, signs: active.kid };
    });
  }

  async function generate(em: EntityManager, alg: (typeof algorithms)[number], state: KeyState): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const named = { kid, alg, use: 'sig' };
    const at = now();
    em.create(SigningKey, {
      kid,
      alg,
      state,
      publicJwk: { ...publicJwk, ...named },
      privateJwk: await sealer.seal({ ...(await exportJWK(privateKey)), ...named }),
      createdAt: at,
      stateChangedAt: at,
    });
    await em.flush();
  }
}
