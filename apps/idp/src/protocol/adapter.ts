import type { Cause } from '@portcullis/revocation';
import type { Adapter, AdapterPayload, Grant } from 'oidc-provider';
import { errors, Provider } from 'oidc-provider';
import type { ClientDirectory } from '#clients/directory.ts';
import type { ArtifactEnds } from './ends.ts';
import { reaching } from './errors.ts';
import { clientMetadata } from './client-metadata.ts';
import { outlivesSession } from './grants.ts';
import type { PostgresArtifacts, Surroundings } from './postgres-artifacts.ts';
import type { RefreshHandle, RefreshHandles } from './refresh-handles.ts';
import type { RedisArtifacts } from './redis-artifacts.ts';
import { sessionUnderWay } from './session-model.ts';
import { keepForRequest, takeFromRequest } from './request-memory.ts';

type Deps = {
  clients: ClientDirectory;
  postgres: PostgresArtifacts;
  redis: RedisArtifacts;
  ends: ArtifactEnds;
  handles: RefreshHandles;
};

/**
 * oidc-provider asks for one storage per kind of artifact; here is which store owns which.
 * Single use is decided in `consume`: the library only looks before it leaps.
 */
export function createAdapterFactory(deps: Deps): (model: string) => Adapter {
  return (model) => {
    switch (model) {
      case 'Client':
        return clientAdapter(deps);
      case 'Session':
        return sessionAdapter(deps);
      case 'Grant':
        return grantAdapter(deps);
      case 'RefreshToken':
        return refreshTokenAdapter(deps);
      default:
        return shortLivedAdapter(model, deps);
    }
  };
}

function clientAdapter({ clients }: Deps): Adapter {
  return {
    ...unsupported('Client'),
    async find(id) {
      const client = clients.find(id);
      return client && clientMetadata(client);
    },
  };
}

/** Writing is in session-model.ts, which knows a new session from an old one. Visitors without an account live in Redis. */
function sessionAdapter({ postgres, redis, ends }: Deps): Adapter {
  return {
    ...unsupported('Session'),
    find: (id) =>
      reaching(async () => {
        const clientId = Provider.ctx?.query['client_id'];
        const found = await postgres.findSession(id, typeof clientId === 'string' ? clientId : null);
        if (!found) return redis.find('Session', id);
        keepSurroundings(found);
        return found.session;
      }),
    findByUid: async (uid) =>
      (
        takeFromRequest<AdapterPayload | undefined>(`session ${uid}`) ?? {
          value: await reaching(() => postgres.findSessionByUid(uid)),
        }
      ).value,
    destroy: (id) =>
      reaching(async () => {
        const session = (await postgres.findSession(id, null))?.session;
        if (session?.uid) await ends.session(session.uid, 'sign_out');
        else await redis.destroy('Session', id);
      }),
  };
}

function grantAdapter({ postgres, ends }: Deps): Adapter {
  return {
    ...unsupported('Grant'),
    find: async (id) =>
      (
        takeFromRequest<AdapterPayload | undefined>(`grant ${id}`) ?? {
          value: await reaching(() => postgres.findGrant(id)),
        }
      ).value,
    upsert: (id, payload: AdapterPayload & Pick<Grant, 'openid'>, ttlSeconds = 0) =>
      reaching(() =>
        postgres.saveGrant({
          id,
          accountId: payload.accountId ?? '',
          clientId: payload.clientId ?? '',
          session: sessionUnderWay(),
          outlivesSession: outlivesSession(payload.openid?.scope),
          needsConsent: Provider.ctx?.oidc.client?.['first_party'] !== true,
          payload,
          ttlSeconds,
        }),
      ),
    destroy: async (id) => {
      // Signing out everywhere ends the session as a whole: one ledger entry, not one per application.
      if (Provider.ctx?.oidc.route === 'end_session_confirm' && Provider.ctx.oidc.params?.['logout']) return;
      await reaching(() =>
        ends.grant(id, causeOf(Provider.ctx?.oidc.route, Provider.ctx?.oidc.params?.['grant_type'])),
      );
    },
  };
}

function refreshTokenAdapter({ postgres, ends, handles }: Deps): Adapter {
  return {
    ...unsupported('RefreshToken'),
    find: async (id) => {
      const handle = handles.read(id);
      const found = handle && (await reaching(() => postgres.findRefreshFamily(handle.family)));
      if (!found || handle.rotation > found.rotation) return undefined;
      const { payload, rotation } = found;
      keepSurroundings(found, payload.sessionUid);
      const token = { ...payload, jti: id, rotations: rotation };
      return handle.rotation < rotation ? { ...token, consumed: true } : token;
    },
    /** The library stores the successor right after: `upsert` does both in one step. */
    consume: async (id) => keepForRequest('rotating', id),
    upsert: async (id, payload, ttlSeconds = 0) => {
      const rotating = takeFromRequest<string>('rotating');
      const rotated = rotating && handles.read(rotating.value);
      const grantId = payload.grantId ?? '';
      if (rotated) return rotate({ postgres, ends }, rotated, grantId, ttlSeconds);
      const family = handles.read(id)?.family ?? '';
      if (!(await reaching(() => postgres.insertRefreshFamily({ family, grantId, payload, ttlSeconds }))))
        throw new errors.InvalidGrant('grant not found');
    },
    destroy: async (id) => {
      const handle = handles.read(id);
      if (handle) await reaching(() => postgres.destroyRefreshFamily(handle.family));
    },
    revokeByGrantId: async () => {}, // they die with the grant's row
  };
}

/** Throws InvalidGrant for all but one of those who rotate the same token; its family and its access tokens are dead then. */
export async function rotate(
  { postgres, ends }: Pick<Deps, 'postgres' | 'ends'>,
  handle: RefreshHandle,
  grantId: string,
  ttlSeconds: number,
): Promise<void> {
  if (await reaching(() => postgres.rotateRefreshFamily(handle, ttlSeconds))) return;
  await reaching(() => ends.grant(grantId, 'refresh_reuse'));
  throw new errors.InvalidGrant('refresh token already used');
}

function shortLivedAdapter(model: string, { postgres, redis, ends }: Deps): Adapter {
  return {
    ...unsupported(model),
    find: (id) =>
      reaching(async () => {
        const payload = await redis.find(model, id);
        if (model === 'AuthorizationCode' && payload) await keepForExchange(postgres, payload);
        return payload;
      }),
    upsert: (id, payload, ttlSeconds = 0) => reaching(() => redis.save(model, id, payload, ttlSeconds)),
    consume: async (id) => {
      const outcome = await reaching(() => redis.consume(model, id));
      if (outcome === 'won') return;
      if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('request_uri was already used');
      const artifact = outcome === 'lost' ? await reaching(() => redis.find(model, id)) : undefined;
      if (artifact?.grantId) await reaching(() => ends.grant(artifact.grantId ?? '', 'code_reuse'));
      throw new errors.InvalidGrant('authorization code already used or expired');
    },
    destroy: (id) => reaching(() => redis.destroy(model, id)),
    revokeByGrantId: async () => {}, // each use of a code or opaque token looks its grant up, and the grant is gone
  };
}

async function keepForExchange(postgres: PostgresArtifacts, code: AdapterPayload): Promise<void> {
  const { accountId, grantId, sessionUid } = code;
  if (!accountId || !grantId || !sessionUid) return;
  const found = await postgres.findForExchange({ accountId, grantId, sessionUid });
  keepSurroundings(found, sessionUid);
  keepForRequest(`grant ${grantId}`, found.grant);
  keepForRequest(`account ${accountId}`, found.account);
}

/** Leaves what a statement brought along for the questions that follow in the same request. */
function keepSurroundings({ session, grant, account }: Surroundings, sessionUid?: string): void {
  if (sessionUid) keepForRequest(`session ${sessionUid}`, session);
  if (grant?.jti) keepForRequest(`grant ${grant.jti}`, grant);
  if (account) keepForRequest(`account ${account.id}`, account);
}

function causeOf(route: string | undefined, grantType: unknown): Cause {
  if (route === 'token') return grantType === 'refresh_token' ? 'refresh_reuse' : 'code_reuse';
  return route === 'end_session_confirm' ? 'sign_out' : 'consent_withdrawn';
}

function unsupported(model: string): Adapter {
  const refuse = async (): Promise<never> => {
    throw new Error(`${model} has no such operation`);
  };
  return {
    upsert: refuse,
    find: async (): Promise<AdapterPayload | undefined> => undefined,
    findByUserCode: refuse,
    findByUid: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}
