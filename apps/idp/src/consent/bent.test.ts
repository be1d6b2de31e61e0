import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AuthorizationRequest,
  authorizationRequest,
  claimsOf,
  exchange,
  hiddenField,
  type Page,
  password,
  type Person,
  startIdp,
  type TestIdp,
} from '#harness.ts';
import { baseOf, send, stepAt } from '#sign-in/test/member.ts';
import { isConsentPage, theirs } from './test/asking.ts';

let idp: TestIdp;
let applications: string[];
let people: Record<'owner' | 'thief' | 'accomplice', Person>;
beforeAll(async () => {
  idp = await startIdp();
  applications = [await idp.declare(theirs), await idp.declare(theirs)];
  people = { owner: await idp.person(), thief: await idp.person(), accomplice: await idp.person() };
});
afterAll(() => idp[Symbol.asyncDispose]());

type Who = 'owner' | 'thief';
type Move =
  | { kind: 'begin'; by: Who; as: 'accomplice' | 'oneself'; application: number; scope: string; prompt: string }
  | { kind: 'open'; by: Who; whose: number; path: string }
  | { kind: 'answer'; by: Who; whose: number; answer: string; csrf: Csrf; more: 'nothing' | 'the other account' }
  | { kind: 'not you'; by: Who; whose: number; csrf: Csrf }
  | { kind: 'sign out'; by: Who };
type Csrf = 'own' | 'of the other browser' | 'none';

const who = fc.constantFrom<Who>('owner', 'thief');
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const csrf = mostly<Csrf>('own', 'of the other browser', 'none');
const whose = fc.nat(5);
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('begin' as const),
      by: who,
      as: mostly<'oneself' | 'accomplice'>('oneself', 'accomplice'),
      application: fc.nat(1),
      scope: fc.constantFrom('openid', 'openid profile', 'openid email', 'openid profile email'),
      prompt: mostly('', 'consent', 'login', 'none', 'select_account'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      by: who,
      whose,
      path: fc.constantFrom('', '/consent', '/consent?answer=allow', '/consent/other-account', 'resume'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      by: who,
      whose,
      answer: mostly('allow', 'deny', '', 'perhaps'),
      csrf,
      more: mostly<'nothing' | 'the other account'>('nothing', 'the other account'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('not you' as const), by: who, whose, csrf }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sign out' as const), by: who }) },
);

const begins = { kind: 'begin', as: 'oneself', application: 0, prompt: '' } as const;
const answers = { kind: 'answer', whose: 1, by: 'owner', answer: 'allow', csrf: 'own', more: 'nothing' } as const;
/** Each wrong way to answer the page, then the right one, twice; then more is asked for. */
const wrongWays: Move[] = [
  { ...begins, by: 'thief', scope: 'openid' },
  { ...begins, by: 'owner', scope: 'openid profile' },
  ...[1, 3].flatMap((page): Move[] => [
    { ...answers, whose: page, by: page === 1 ? 'owner' : 'thief' },
    { ...answers, whose: page, csrf: 'none' },
    { ...answers, whose: page, csrf: 'of the other browser' },
    { ...answers, whose: page, more: 'the other account' },
    { kind: 'open', by: 'owner', whose: page, path: '/consent?answer=allow' },
  ]),
  { ...answers, whose: 3 },
  { ...answers, whose: 3 },
  { ...begins, by: 'owner', scope: 'openid profile email' },
  { kind: 'open', by: 'owner', whose: 4, path: 'resume' },
  { kind: 'sign out', by: 'owner' },
  { ...answers, whose: 5 },
  { ...begins, by: 'thief', prompt: 'login', as: 'accomplice', scope: 'openid' },
  { ...answers, by: 'thief' },
];

test('A-03, A-28: whatever is sent in whatever order from whichever browser, an application gets at what a person has allowed on the page that asked that person', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 6, maxLength: 18 }), async (moves) => {
      const at = await walk();
      for (const one of moves) await at.make(one);

      const straight = { as: 'oneself', application: 0, scope: 'openid profile email', prompt: 'consent' } as const;
      await at.make({ kind: 'begin', by: 'owner', ...straight });
      const asked = { by: 'owner', whose: at.last(), csrf: 'own', more: 'nothing' } as const;
      await at.make({ kind: 'answer', ...asked, answer: 'allow' });
      expect(await consentsNow()).toMatchObject({ [`owner ${applications[0]}`]: ['email', 'openid', 'profile'] });
    }),
    { numRuns: 16, examples: [[wrongWays]], endOnFailure: true, interruptAfterTimeLimit: 12_000 },
  );
}, 60_000);

/** A request, in the browser it was begun in; where it has led to a consent page, whose account that names. */
type Sent = { by: Who; request: AuthorizationRequest; scopes: string[] };
type Asked = Sent & { uid: string; asks?: keyof typeof people | undefined };

async function walk() {
  await idp.sql('truncate consent, oidc_grant, sso_session cascade');
  const browsers = { owner: idp.browser(), thief: idp.browser() };
  const tokens: Partial<Record<Who, string>> = {};
  const asked: Asked[] = [];
  let before = await consentsNow();
  return { make, last: () => asked.length - 1 };

  async function make(one: Move): Promise<void> {
    const its = 'whose' in one ? asked[one.whose % Math.max(1, asked.length)] : undefined;
    switch (one.kind) {
      case 'begin':
        await begin(one);
        break;
      case 'open':
        if (its) await arrive(one.by, await browsers[one.by].go(pathOf(its, one.path)), its);
        break;
      case 'answer':
        return answer(one, its);
      case 'not you':
        if (its)
          await arrive(one.by, await browsers[one.by].post(`${its.uid}/consent/other-account`, tokenOf(one)), its);
        break;
      case 'sign out':
        await idp.sql('delete from sso_session where account_id in (?)', [accountsOf(one.by)]);
    }
    expect(await consentsNow()).toEqual(before);
    await expectGrantsWithin(before);
  }

  async function begin({ by, as, application, scope, prompt }: Extract<Move, { kind: 'begin' }>): Promise<void> {
    const request = authorizationRequest(applications[application] ?? '', { scope, prompt, resource: '' });
    const person = by === 'thief' && as === 'accomplice' ? people.accomplice : people[by];
    const sent = { by, request, scopes: scope.split(' ') };
    const first = await arrive(by, await browsers[by].authorize(request), sent);
    const chosen =
      stepAt(first) === '/account' ? await send(browsers[by], first, '/account', { account: 'another' }) : first;
    if (stepAt(chosen) !== '') return;
    await arrive(by, await send(browsers[by], chosen, '', { email: person.email, password }), sent);
  }

  async function answer(one: Extract<Move, { kind: 'answer' }>, its: Asked | undefined): Promise<void> {
    if (!its) return;
    const other = people[one.by === 'owner' ? 'thief' : 'owner'];
    const more = one.more === 'nothing' ? {} : { accountId: other.id, scope: 'openid profile email' };
    const fields = { ...tokenOf(one), ...more, answer: one.answer };
    const isAllow = one.answer === 'allow' && one.csrf === 'own' && one.more === 'nothing' && one.by === its.by;
    const { asks } = its;
    const isSignedIn = asks !== undefined && (await signedIn()).includes(people[asks].id);
    const page = await browsers[one.by].post(`${its.uid}/consent`, fields);
    const now = await consentsNow();
    const key = `${asks} ${its.request.clientId}`;
    const added = { ...before, [key]: [...new Set([...(before[key] ?? []), ...its.scopes])].toSorted() };
    // On that very page, by whom it names; and even then only once, and while that person is signed in.
    expect(isAllow && isSignedIn ? [before, added] : [before]).toContainEqual(now);
    before = now;
    await expectGrantsWithin(before);
    await arrive(one.by, page, its);
  }

  /** What a browser is shown, and above all what an application is given by it. */
  async function arrive(by: Who, page: Page, { request, scopes, by: sender }: Sent): Promise<Page> {
    expect(page.response.status).toBeLessThan(500);
    tokens[by] ||= hiddenField(page.text, 'csrf');
    if (stepAt(page) !== undefined) {
      const uid = baseOf(page);
      const known = asked.find((one) => one.uid === uid);
      const asks = isConsentPage(page) ? namedOn(page) : undefined;
      if (known) known.asks ??= asks;
      else asked.push({ uid, by, request, scopes, asks });
    }
    if (page.url.searchParams.has('code')) {
      expect(by).toBe(sender);
      const { body } = await idp.token(request.clientId, exchange(request, page.url));
      const name = nameOf(String(claimsOf(body['id_token'])['sub']));
      expect(accountsOf(by)).toContain(people[name].id);
      expect((await consentsNow())[`${name} ${request.clientId}`]).toEqual(expect.arrayContaining(scopes));
    }
    return page;
  }

  function tokenOf({ by, csrf: which }: { by: Who; csrf: Csrf }): Record<string, string> {
    const other = by === 'owner' ? 'thief' : 'owner';
    return { csrf: { own: tokens[by], 'of the other browser': tokens[other], none: '' }[which] ?? '' };
  }
}

async function expectGrantsWithin(consents: Record<string, string[]>): Promise<void> {
  const grants = await idp.sql<{ account_id: string; client_id: string; scope: string }>(
    `select account_id, client_id, payload -> 'openid' ->> 'scope' as scope from oidc_grant`,
  );
  for (const { account_id, client_id, scope } of grants)
    expect(consents[`${nameOf(account_id)} ${client_id}`]).toEqual(expect.arrayContaining(scope.split(' ')));
}

/** Scopes, by `<who> <application>`. */
async function consentsNow(): Promise<Record<string, string[]>> {
  const rows = await idp.sql<{ account_id: string; client_id: string; scopes: string[] }>('select * from consent');
  return Object.fromEntries(
    rows.map(({ account_id, client_id, scopes }) => [`${nameOf(account_id)} ${client_id}`, scopes.toSorted()]),
  );
}

async function signedIn(): Promise<string[]> {
  const sessions = await idp.sql<{ account_id: string }>('select account_id from sso_session');
  return sessions.map(({ account_id }) => account_id);
}

function accountsOf(by: Who): string[] {
  return by === 'owner' ? [people.owner.id] : [people.thief.id, people.accomplice.id];
}

function nameOf(accountId: string): keyof typeof people {
  return names().find((name) => people[name].id === accountId) ?? 'owner';
}

function namedOn({ text }: Page): keyof typeof people | undefined {
  return names().find((name) => text.includes(`Signed in as</span> ${people[name].email}</span>`));
}

function names() {
  return ['owner', 'thief', 'accomplice'] as const;
}

function pathOf({ uid }: Asked, path: string): string {
  return path === 'resume' ? uid.replace('/sign-in/', '/auth/') : uid + path;
}
