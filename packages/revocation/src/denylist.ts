import type { Revocation, Target, TokenClaims } from './revocation.ts';

type Index = Map<string, Revocation[]>;

export type Denylist = ReturnType<typeof createDenylist>;

/**
 * The live revocations in memory, indexed by whom they reach. It knows nothing of Redis.
 * `find` allocates nothing but the prefix of `sid`, and that only when some session has been revoked.
 */
export function createDenylist(now: () => number = Date.now) {
  const byId = new Map<string, Revocation>();
  const indexes = {
    token: new Map(),
    session: new Map(),
    account: new Map(),
    'account-at-client': new Map(),
    client: new Map(),
    everyone: new Map(),
  } satisfies Record<Target['kind'], Index> as Record<Target['kind'], Index>;
  let sweeping = byId.values();

  return {
    apply,
    find,
    remove,
    sweep,
    ids: () => byId.keys(),
    get: (id: string) => byId.get(id),
    size: () => byId.size,
  };

  /** Of two versions of one entry the higher `seq` holds. */
  function apply(entry: Revocation): void {
    const known = byId.get(entry.id);
    if (known && known.seq >= entry.seq) return;
    if (known) remove(known.id);
    byId.set(entry.id, entry);
    const index = indexes[entry.target.kind];
    const key = keyOf(entry.target);
    const bucket = index.get(key);
    if (bucket) bucket.push(entry);
    else index.set(key, [entry]);
  }

  function remove(id: string): void {
    const entry = byId.get(id);
    if (!entry) return;
    byId.delete(id);
    const index = indexes[entry.target.kind];
    const key = keyOf(entry.target);
    const rest = (index.get(key) ?? []).filter((other) => other.id !== id);
    if (rest.length > 0) index.set(key, rest);
    else index.delete(key);
  }

  /** The entry that kills this token, if any does; of several the one that says most about why. */
  function find(claims: TokenClaims): Revocation | undefined {
    const { jti, sid, sub, client_id: clientId } = claims;
    let found: Revocation | undefined;
    if (sub !== undefined) found = pick(found, indexes.account.get(sub), claims);
    if (sub !== undefined && clientId !== undefined && indexes['account-at-client'].size > 0) {
      found = pick(found, indexes['account-at-client'].get(pair(sub, clientId)), claims);
    }
    if (sid !== undefined && indexes.session.size > 0) {
      found = pick(found, indexes.session.get(sid), claims);
      const dot = sid.indexOf('.');
      if (dot >= 0) found = pick(found, indexes.session.get(sid.slice(0, dot)), claims);
    }
    if (jti !== undefined) found = pick(found, indexes.token.get(jti), claims);
    if (clientId !== undefined) found = pick(found, indexes.client.get(clientId), claims);
    return pick(found, indexes.everyone.get(''), claims);
  }

  function pick(
    found: Revocation | undefined,
    bucket: Revocation[] | undefined,
    claims: TokenClaims,
  ): Revocation | undefined {
    if (!bucket) return found;
    let best = found;
    for (const entry of bucket) {
      if (kills(entry, claims.iat) && (!best || tells(entry) > tells(best))) best = entry;
    }
    return best;
  }

  function kills(entry: Revocation, iat: number | undefined): boolean {
    if (entry.expiresAt !== null && entry.expiresAt * 1000 <= now()) return false;
    // ≤ because iat has a grain of one second: a token of the same second may be older than the act.
    return entry.issuedBefore === null || iat === undefined || !(iat > entry.issuedBefore);
  }

  /** Looks at `limit` entries, going round, and drops the expired ones: a million entries never stall a request. */
  function sweep(limit: number): void {
    const at = now();
    for (let i = 0; i < limit; i += 1) {
      const next = sweeping.next();
      if (next.done) {
        sweeping = byId.values();
        return;
      }
      if (next.value.expiresAt !== null && next.value.expiresAt * 1000 <= at) remove(next.value.id);
    }
  }
}

/** Until lifted above "up to then"; changed roles, which need only a new token, below everything. */
function tells(entry: Revocation): number {
  if (entry.issuedBefore === null) return 2;
  return entry.cause === 'roles_changed' ? 0 : 1;
}

function keyOf(target: Target): string {
  switch (target.kind) {
    case 'token':
      return target.jti;
    case 'session':
      return target.sid;
    case 'account':
      return target.sub;
    case 'account-at-client':
      return pair(target.sub, target.clientId);
    case 'client':
      return target.clientId;
    case 'everyone':
      return '';
  }
}

function pair(sub: string, clientId: string): string {
  return `${sub}\n${clientId}`;
}
