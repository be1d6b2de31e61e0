import type { Redis } from 'ioredis';
import type { Adapter, AdapterPayload } from 'oidc-provider';

const keptUnderGrant = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);
const consumable = new Set(['AuthorizationCode', 'RefreshToken']);

/**
 * The plain Redis adapter a reader of oidc-provider's documentation ends up with: a key per artifact, a list per grant,
 * no atomic consumption. It is the yardstick, so it must stay as simple as that one.
 */
export function createPeerAdapter(redis: Redis): (name: string) => Adapter {
  return (name) => {
    const keyOf = (id: string): string => `${name}:${id}`;
    const find = async (id: string): Promise<AdapterPayload | undefined> => {
      if (!consumable.has(name)) return parse(await redis.get(keyOf(id)));
      const { payload, consumed } = await redis.hgetall(keyOf(id));
      const stored = parse(payload);
      return stored && consumed ? { ...stored, consumed } : stored;
    };

    return {
      async upsert(id, payload, expiresIn = 3_600) {
        const key = keyOf(id);
        const json = JSON.stringify(payload);
        const transaction = redis.multi();
        if (consumable.has(name)) transaction.hset(key, { payload: json });
        else transaction.set(key, json);
        transaction.expire(key, expiresIn);
        if (keptUnderGrant.has(name) && payload.grantId) {
          const list = grantKey(payload.grantId);
          transaction.rpush(list, key);
          if (expiresIn > (await redis.ttl(list))) transaction.expire(list, expiresIn);
        }
        if (payload.uid) transaction.set(uidKey(payload.uid), id, 'EX', expiresIn);
        await transaction.exec();
      },
      find,
      async findByUid(uid) {
        const id = await redis.get(uidKey(uid));
        return id === null ? undefined : find(id);
      },
      findByUserCode: () => Promise.resolve(undefined),
      async consume(id) {
        await redis.hset(keyOf(id), 'consumed', Math.floor(Date.now() / 1000));
      },
      async destroy(id) {
        await redis.del(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        const keys = await redis.lrange(grantKey(grantId), 0, -1);
        await redis.del(...keys, grantKey(grantId));
      },
    };
  };
}

function parse(json: string | null | undefined): AdapterPayload | undefined {
  return json ? (JSON.parse(json) as AdapterPayload) : undefined;
}

function grantKey(grantId: string): string {
  return `grant:${grantId}`;
}

function uidKey(uid: string): string {
  return `uid:${uid}`;
}
