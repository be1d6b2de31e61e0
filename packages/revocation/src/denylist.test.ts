import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDenylist } from './denylist.ts';
import type { Revocation, Target, TokenClaims } from './revocation.ts';

function revocation(target: Target, over: Partial<Revocation> = {}): Revocation {
  return { id: 'r1', seq: 1, target, issuedBefore: 100, cause: 'sign_out', recordedAt: 0, expiresAt: null, ...over };
}

function find(entries: Revocation[], claims: TokenClaims, now = 0) {
  const denylist = createDenylist(() => now);
  for (const entry of entries) denylist.apply(entry);
  return denylist.find(claims);
}

const token = { jti: 'j', sid: 's.shop', sub: 'alice', client_id: 'shop', iat: 100 };

test.for<[Target, boolean]>([
  [{ kind: 'token', jti: 'j' }, true],
  [{ kind: 'token', jti: 'other' }, false],
  [{ kind: 'session', sid: 's' }, true],
  [{ kind: 'session', sid: 's.shop' }, true],
  [{ kind: 'session', sid: 's.forum' }, false],
  [{ kind: 'session', sid: 's.shop.x' }, false],
  [{ kind: 'account', sub: 'alice' }, true],
  [{ kind: 'account', sub: 'bob' }, false],
  [{ kind: 'account', sub: 'j' }, false],
  [{ kind: 'account-at-client', sub: 'alice', clientId: 'shop' }, true],
  [{ kind: 'account-at-client', sub: 'alice', clientId: 'forum' }, false],
  [{ kind: 'client', clientId: 'shop' }, true],
  [{ kind: 'client', clientId: 'forum' }, false],
  [{ kind: 'everyone' }, true],
])('R-56 %o kills the token: %s', ([target, dead]) => {
  expect(find([revocation(target)], token) !== undefined).toBe(dead);
});

test('R-56 the boundary second: iat equal to issuedBefore is dead, one later is alive, none at all is dead', () => {
  const entries = [revocation({ kind: 'account', sub: 'alice' }, { issuedBefore: 100 })];

  expect(find(entries, { sub: 'alice', iat: 99 })).toBeDefined();
  expect(find(entries, { sub: 'alice', iat: 100 })).toBeDefined();
  expect(find(entries, { sub: 'alice', iat: 101 })).toBeUndefined();
  expect(find(entries, { sub: 'alice' })).toBeDefined();
  expect(find(entries, { sub: 'alice', iat: Number.NaN })).toBeDefined();
});

test('R-56 until lifted, an entry kills tokens of any age, also those minted after it', () => {
  const entries = [revocation({ kind: 'account', sub: 'alice' }, { issuedBefore: null })];

  expect(find(entries, { sub: 'alice', iat: 2 ** 40 })).toBeDefined();
});

test('of several entries a ban is named before a sign-out, and changed roles last', () => {
  const roles = revocation({ kind: 'account', sub: 'alice' }, { id: 'roles', seq: 9, cause: 'roles_changed' });
  const signOut = revocation({ kind: 'session', sid: 's' }, { id: 'out', cause: 'sign_out' });
  const ban = revocation({ kind: 'account', sub: 'alice' }, { id: 'ban', cause: 'ban', issuedBefore: null });

  expect(find([roles, signOut, ban], token)?.id).toBe('ban');
  expect(find([roles, signOut], token)?.id).toBe('out');
  expect(find([roles], token)?.id).toBe('roles');
});

test('a sweep goes round the whole list in small steps and drops only what has expired', () => {
  let now = 0;
  const denylist = createDenylist(() => now);
  for (let i = 0; i < 100; i += 1) {
    denylist.apply(revocation({ kind: 'token', jti: `${i}` }, { id: `${i}`, expiresAt: i % 2 === 0 ? 10 : null }));
  }
  now = 10_000;

  for (let i = 0; i < 12; i += 1) denylist.sweep(10);

  expect(denylist.size()).toBe(50);
});

/* A plain model: a list of the highest versions, looked through from end to end. */

const who = fc.constantFrom('a', 'b');
const target: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ kind: fc.constant('token' as const), jti: who }),
  fc.record({ kind: fc.constant('session' as const), sid: fc.constantFrom('a', 'b', 'a.x', 'a.y', 'b.x') }),
  fc.record({ kind: fc.constant('account' as const), sub: who }),
  fc.record({ kind: fc.constant('account-at-client' as const), sub: who, clientId: who }),
  fc.record({ kind: fc.constant('client' as const), clientId: who }),
  fc.record({ kind: fc.constant('everyone' as const) }),
);
const second = fc.integer({ min: 1, max: 6 });
const claims: fc.Arbitrary<TokenClaims> = fc.record(
  { jti: who, sid: fc.constantFrom('a', 'b', 'a.x', 'a.y', 'b.x'), sub: who, client_id: who, iat: second },
  { requiredKeys: [] },
);

type Step =
  | { act: 'publish'; id: number; seq: number; target: Target; issuedBefore: number | null; expiresAt: number | null }
  | { act: 'lift'; id: number; seq: number; at: number }
  | { act: 'wait'; seconds: number }
  | { act: 'sweep'; limit: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    act: fc.constant('publish' as const),
    id: fc.nat(5),
    seq: fc.nat(30),
    target,
    issuedBefore: fc.option(second),
    expiresAt: fc.option(second),
  }),
  fc.record({ act: fc.constant('lift' as const), id: fc.nat(5), seq: fc.nat(30), at: second }),
  fc.record({ act: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ act: fc.constant('sweep' as const), limit: fc.nat(4) }),
);

function reaches(aim: Target, of: TokenClaims): boolean {
  switch (aim.kind) {
    case 'token':
      return of.jti === aim.jti;
    case 'session':
      return of.sid !== undefined && (of.sid === aim.sid || of.sid.startsWith(`${aim.sid}.`));
    case 'account':
      return of.sub === aim.sub;
    case 'account-at-client':
      return of.sub === aim.sub && of.client_id === aim.clientId;
    case 'client':
      return of.client_id === aim.clientId;
    case 'everyone':
      return true;
  }
}

test('R-56 whatever is published, changed, lifted, expired and swept in whatever order, the answer is that of a plain list', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(claims, { minLength: 5, maxLength: 20 }),
      (steps, tokens) => {
        let now = 0;
        const denylist = createDenylist(() => now * 1000);
        const model = new Map<string, Revocation>();
        const publish = (entry: Revocation) => {
          const known = model.get(entry.id);
          // Once the last version has expired the ledger is done with the entry and publishes none of its older ones.
          if (known && known.expiresAt !== null && known.expiresAt <= now && entry.seq <= known.seq) return;
          denylist.apply(entry);
          if (!known || known.seq < entry.seq) model.set(entry.id, entry);
        };

        for (const taken of steps) {
          if (taken.act === 'wait') now += taken.seconds;
          else if (taken.act === 'sweep') denylist.sweep(taken.limit);
          else if (taken.act === 'publish') {
            const { seq, issuedBefore, expiresAt } = taken;
            // The target of an entry never changes, only its reach in time.
            const aim = model.get(`${taken.id}`)?.target ?? taken.target;
            publish(revocation(aim, { id: `${taken.id}`, seq, issuedBefore, expiresAt: expiresAt && expiresAt + now }));
          } else {
            const banned = model.get(`${taken.id}`);
            if (banned) publish({ ...banned, seq: taken.seq, issuedBefore: taken.at });
          }

          for (const each of tokens) {
            const dead = [...model.values()].some(
              ({ target: aim, issuedBefore, expiresAt }) =>
                reaches(aim, each) &&
                (expiresAt === null || expiresAt > now) &&
                (issuedBefore === null || each.iat === undefined || each.iat <= issuedBefore),
            );
            expect(denylist.find(each) !== undefined).toBe(dead);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
