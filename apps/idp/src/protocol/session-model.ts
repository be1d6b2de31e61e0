import { isDeepStrictEqual } from 'node:util';
import type { AdapterPayload, Session } from 'oidc-provider';
import Provider from 'oidc-provider';
import { reaching } from './errors.ts';
import type { PostgresArtifacts } from './postgres-artifacts.ts';
import type { RedisArtifacts } from './redis-artifacts.ts';
import { sidOf } from '#sessions/session-id.ts';

/** A visitor without an account gets no row: what the sign-out page must remember lives this long in Redis. */
const visitorSeconds = 600;
/** A session that did not change is written again only when that moves its end by this much. */
const writeEverySeconds = 60;

/** How a session stands in its store. */
const asStored = Symbol('as stored');
type Stored = { id: string; content: object; exp: number; hasAccount: boolean };

/** What the library's class has beyond its published type. */
type SessionModel = Session & {
  id: string;
  touched?: boolean;
  [asStored]?: Stored;
  getValueAndPayload(): Promise<{ payload: AdapterPayload }>;
};
type SessionClass = { prototype: SessionModel; instantiate(payload: AdapterPayload): SessionModel };

/**
 * The library destroys a session's old handle and saves it under a new one as if it were new: a session that an admin
 * ended in between would rise again. Here a session that was stored before is only ever updated, never re-created.
 */
export function keepSessionsInPostgres(provider: Provider, postgres: PostgresArtifacts, redis: RedisArtifacts): void {
  const model = provider.Session as unknown as SessionClass;

  const instantiate = model.instantiate.bind(model);
  model.instantiate = (payload) => {
    // The library would leave a grant of offline_access alone when somebody signs out; ends.ts knows what stays.
    for (const authorization of Object.values(payload?.authorizations ?? {})) delete authorization.persistsLogout;
    const session = instantiate(payload);
    if (payload?.exp) remember(session, payload);
    return session;
  };

  Object.assign(model.prototype, {
    async save(this: SessionModel, ttlSeconds: number): Promise<void> {
      const before = this[asStored];
      this.exp = Math.floor(Date.now() / 1000) + ttlSeconds;
      const { payload } = await this.getValueAndPayload();
      this.touched = false; // also when storing fails: the library would try again after its answer
      const unchanged = before?.id === this.id && isDeepStrictEqual(before.content, contentOf(payload));
      if (!unchanged || Math.abs(this.exp - before.exp) >= writeEverySeconds) {
        await reaching(() => store(this, payload, ttlSeconds, before?.hasAccount ?? false));
        remember(this, payload);
      }
    },

    /** A new grant is a new `sid`. */
    grantIdFor(this: SessionModel, clientId: string, grantId?: string): string | undefined {
      const known = this.authorizations?.[clientId];
      if (grantId !== undefined && grantId !== known?.grantId)
        this.authorizations = {
          ...this.authorizations,
          [clientId]: { ...known, grantId, sid: sidOf(this.uid, grantId) },
        };
      return grantId === undefined ? known?.grantId : undefined;
    },

    ensureClientContainer(): void {},
  });

  async function store(
    session: SessionModel,
    payload: AdapterPayload,
    ttlSeconds: number,
    stored: boolean,
  ): Promise<void> {
    const { id, uid, accountId } = session;
    if (!accountId) return redis.save('Session', id, payload, Math.min(ttlSeconds, visitorSeconds));
    const row = { id, uid, accountId, payload, ttlSeconds };
    if (stored) {
      await postgres.updateSession(row); // nothing to update: it was ended meanwhile, and stays ended
    } else {
      const ctx = Provider.ctx;
      await postgres.insertSession(row, {
        userAgent: ctx?.get('user-agent').slice(0, 512) ?? null,
        address: ctx?.ip ?? null,
        checkedAt: ctx ? checkedAt(ctx.oidc.result) : null,
      });
    }
  }
}

/** When the sign-in that is being finished was checked (interactions.ts). */
function checkedAt(result: object | undefined): Date | null {
  return result && 'checkedAt' in result && typeof result.checkedAt === 'number' ? new Date(result.checkedAt) : null;
}

/** The session of the request under way. `isNew`: it has no row yet; `checkedAt`: of the sign-in that makes it. */
export function sessionUnderWay(): { uid: string | null; isNew: boolean; checkedAt: Date | null } {
  const { session, result } = Provider.ctx?.oidc ?? {};
  const stored = (session as SessionModel | undefined)?.[asStored];
  return { uid: session?.uid ?? null, isNew: stored?.hasAccount !== true, checkedAt: checkedAt(result) };
}

function remember(session: SessionModel, payload: AdapterPayload): void {
  const value: Stored = {
    id: session.id,
    content: contentOf(payload),
    exp: payload.exp ?? 0,
    hasAccount: payload.accountId !== undefined,
  };
  Object.defineProperty(session, asStored, { value, configurable: true, writable: true, enumerable: false });
}

function contentOf({ iat: _iat, exp: _exp, jti: _jti, ...content }: AdapterPayload): object {
  return content;
}
