import { expect, test } from '@playwright/test';
import { judge, type Invariant, type Operation, type TokenFacts } from './history.ts';

const token: TokenFacts = { id: 't', sub: 'alice', session: 's', client: 'c', family: 'f' };
const limits = { boundMs: 5000, settledAt: 100_000 };
type Bare = Operation extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'start' | 'end' | 'outcome'>
    : never
  : never;

/** One that takes 10 ms. */
function at(start: number, operation: Bare, outcome: Operation['outcome'] = 'accepted'): Operation {
  return { start, end: start + 10, outcome, ...operation } as Operation;
}

const signedIn = at(0, { kind: 'sign-in', sub: 'alice', session: 's' });
const redeemed = at(100, { kind: 'redeem', handle: 'code', sub: 'alice', token });
const banned = at(1000, { kind: 'revoke', act: 'ban', cut: { sub: 'alice', until: 'lifted' } });
const lifted = at(20_000, { kind: 'lift', sub: 'alice' });
const ended = at(1000, { kind: 'revoke', act: 'sign-out', cut: { sub: 'alice', session: 's' } });
const reused = at(1000, { kind: 'revoke', act: 'reuse', cut: { sub: 'alice', family: 'f' } });
const shown = (start: number, over: Partial<TokenFacts> = {}) =>
  at(start, { kind: 'present', at: 'forum', token: { ...token, ...over } });

const bad: [Invariant, string, Operation[]][] = [
  [
    'a handle is redeemed once',
    'a code gives tokens twice',
    [redeemed, at(200, { kind: 'redeem', handle: 'code', sub: 'alice' })],
  ],
  ['what was revoked is refused within the bound', 'a token after the bound of a ban', [redeemed, banned, shown(6100)]],
  [
    'what was revoked is refused within the bound',
    'an old token when the ban is lifted',
    [redeemed, banned, lifted, shown(60_000)],
  ],
  [
    'what was revoked is refused within the bound',
    'a token of a session that was ended',
    [redeemed, ended, shown(6100)],
  ],
  [
    'what was revoked is refused within the bound',
    'a token of a family that was reused',
    [redeemed, reused, shown(6100)],
  ],
  [
    'a session that was ended does not authenticate',
    "an application's cookie after the bound",
    [signedIn, ended, at(6100, { kind: 'page', at: 'shop', sub: 'alice', session: 's' })],
  ],
  [
    'a session that was ended does not authenticate',
    "the provider's cookie, which has no bound",
    [signedIn, ended, at(1100, { kind: 'single-sign-on', sub: 'alice', session: 's' })],
  ],
  [
    'an acknowledged ban is not lost',
    'a sign-in at the end that nobody answers',
    [banned, at(110_000, { kind: 'sign-in', sub: 'alice' }, 'unavailable')],
  ],
  [
    'an acknowledged ban is not lost',
    'a token at the end of which nobody can say',
    [redeemed, banned, { ...shown(110_000), outcome: 'unavailable' }],
  ],
  [
    'tokens are for accounts that are not banned',
    'a refresh during a ban',
    [banned, at(1100, { kind: 'redeem', handle: 'refresh', sub: 'alice' })],
  ],
  [
    'tokens are for accounts that are not banned',
    'a sign-in during a ban',
    [banned, at(1100, { kind: 'sign-in', sub: 'alice' })],
  ],
  [
    'the account of a session does not change',
    'somebody else greeted',
    [at(0, { kind: 'page', at: 'shop', sub: 'alice', session: 's', seen: 'bob' })],
  ],
  [
    'the account of a session does not change',
    "somebody else's token",
    [at(0, { kind: 'redeem', handle: 'code', sub: 'alice', token: { ...token, sub: 'bob' } })],
  ],
];
for (const [invariant, what, history] of bad) {
  test(`F-20: the checker finds: ${what}`, () => {
    expect(judge(history, limits).map((found) => found.invariant)).toEqual([invariant]);
  });
}

const good: [string, Operation[]][] = [
  ['a token within the bound of the ban', [redeemed, banned, shown(6000)]],
  [
    'a token that was had after the ban was lifted',
    [
      redeemed,
      banned,
      lifted,
      at(30_000, { kind: 'redeem', handle: 'other', sub: 'alice', token: { ...token, id: 'u' } }),
      shown(60_000, { id: 'u' }),
    ],
  ],
  [
    'a token of another session, another family, another account',
    [
      redeemed,
      ended,
      reused,
      at(100, {
        kind: 'redeem',
        handle: 'other',
        sub: 'alice',
        token: { ...token, id: 'u', session: 'x', family: 'y' },
      }),
      shown(6100, { id: 'u', session: 'x', family: 'y' }),
    ],
  ],
  ['a ban that nobody acknowledged', [redeemed, { ...banned, outcome: 'unanswered' }, shown(6100)]],
  ['a code refused the second time', [redeemed, at(200, { kind: 'redeem', handle: 'code', sub: 'alice' }, 'refused')]],
  ['a sign-in while the ban is being lifted', [banned, lifted, at(20_005, { kind: 'sign-in', sub: 'alice' })]],
  [
    'refusals at the end',
    [
      redeemed,
      banned,
      at(110_000, { kind: 'sign-in', sub: 'alice' }, 'refused'),
      { ...shown(110_000), outcome: 'refused' },
    ],
  ],
];
for (const [what, history] of good) {
  test(`F-20: the checker lets pass: ${what}`, () => {
    expect(judge(history, limits)).toEqual([]);
  });
}
