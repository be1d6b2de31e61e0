import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  authorizationRequest,
  type Browser,
  hiddenField,
  type Page,
  password,
  type Person,
  startIdp,
  type TestIdp,
} from '#harness.ts';
import { fillIn } from '#registration/test/mailbox.ts';
import { issueToken } from '#single-use/service.ts';
import { baseOf, giveTotp, send, sendPassword, sendTotp, stepAt, totpCode } from './test/member.ts';

const mfa = 'urn:portcullis:acr:mfa';

let idp: TestIdp;
let shop: string;
let owner: Person;
let thief: Person;
/** Of the owner, as resets leave it. */
let secret = password;
beforeAll(async () => {
  idp = await startIdp();
  shop = await idp.declare();
  [owner, thief] = [await idp.person(), await idp.person()];
  await giveTotp(idp, owner);
});
afterAll(() => idp[Symbol.asyncDispose]());

const paths = [
  '',
  '/account',
  '/account/forget',
  '/second-factor',
  '/second-factor/passkey',
  '/second-factor/mail',
  '/passkey',
  '/enrol',
  '/enrol/authenticator',
  '/enrol/passkey',
  '/recovery-codes',
  '/recovery-codes/download',
  '/restart',
  '/consent',
];
const requests = [{}, { prompt: 'login' }, { prompt: 'select_account' }, { acr_values: mfa }, { max_age: '0' }];

/** What somebody who got to know the owner's password, but has no device of theirs, may send. */
function guesses(known: string): Record<string, Record<string, string>> {
  return {
    nothing: {},
    ownersPassword: { email: owner.email, password: known },
    ownPassword: { email: thief.email, password, remember: 'yes' },
    wrongCode: { method: 'totp', code: '123456', trust: 'yes' },
    wrongRecoveryCode: { method: 'recovery_code', code: '0000-0000-0000' },
    unsentCode: { method: 'email_code', code: '12345678' },
    ownersAccount: { account: owner.id },
    passkeyOfNothing: { response: '{}', trust: 'yes' },
  };
}

type Move =
  | { kind: 'begin'; who: 'owner' | 'thief'; request: number }
  | { kind: 'open' | 'send'; path: string; whose: number; guess: string }
  | { kind: 'owner goes on' }
  | { kind: 'owner is lured'; whose: number }
  | { kind: 'owner uses a reset link' };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('begin' as const),
      who: fc.constantFrom('owner', 'thief'),
      request: fc.nat(requests.length - 1),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constantFrom('open', 'send', 'send'),
      path: fc.constantFrom(...paths),
      whose: fc.nat(5),
      guess: fc.constantFrom(
        'nothing',
        'ownersPassword',
        'ownersPassword',
        'ownPassword',
        'wrongCode',
        'wrongRecoveryCode',
        'unsentCode',
        'ownersAccount',
        'passkeyOfNothing',
      ),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'owner goes on' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('owner is lured' as const), whose: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'owner uses a reset link' as const }) },
) as fc.Arbitrary<Move>;

/** Without a wrong turn, the owner arrives. */
const straightOn: Move[] = [
  { kind: 'begin', who: 'owner', request: 1 },
  ...Array.from({ length: 3 }, () => ({ kind: 'owner goes on' as const })),
];
/** The password shown, then a reset, then the factor. */
const resetHalfWay: Move[] = straightOn.toSpliced(2, 0, { kind: 'owner uses a reset link' });

test('whatever is sent in whatever order, from this browser or that: nobody is signed in without their own proofs, or by a password of before a reset', async () => {
  let signedIn = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 4, maxLength: 14 }), async (moves) => {
      const at = walk();
      for (const one of moves) await at.make(one);

      expect(await whoIs(at.thief)).not.toBe(owner.email);
      expect(await whoIs(at.owner)).not.toBe(thief.email);
      const sessions = await idp.sql<{ acr: string }>(
        `select payload ->> 'acr' as acr from sso_session where account_id = ?`,
        [owner.id],
      );
      expect(sessions.filter(({ acr }) => acr !== mfa)).toEqual([]);
      expect(await idp.sql('select from passkey')).toEqual([]);
      signedIn += sessions.length;

      await idp.memory.flushdb(); // locks of the guesses above
      await at.make({ kind: 'begin', who: 'owner', request: 1 });
      for (let step = 0; step < 3; step += 1) await at.make({ kind: 'owner goes on' });
      expect(await whoIs(at.owner)).toBe(owner.email);
      await idp.sql('delete from sso_session');
    }),
    { examples: [[straightOn], [resetHalfWay]], numRuns: 12, endOnFailure: true, interruptAfterTimeLimit: 12_000 },
  );
  expect(signedIn).toBeGreaterThan(0);
}, 60_000);

function walk() {
  const browsers = { owner: idp.browser(), thief: idp.browser() };
  /** The pages each was shown last, and every sign-in anybody began. */
  const last: Partial<Record<'owner' | 'thief', Page>> = {};
  const begun: string[] = [];
  const stolen = secret;
  /** By sign-in, the password that the owner showed in it. */
  const shown = new Map<string, string>();
  return { ...browsers, make };

  async function make(one: Move): Promise<void> {
    switch (one.kind) {
      case 'begin':
        return arrive(one.who, await browsers[one.who].authorize(authorizationRequest(shop, requests[one.request])));
      case 'open':
        return arrive('thief', await browsers.thief.go(handle(one.whose) + one.path));
      case 'send': {
        const csrf = hiddenField(last.thief?.text ?? '', 'csrf');
        const fields = guesses(stolen)[one.guess] ?? {};
        return arrive('thief', await browsers.thief.post(handle(one.whose) + one.path, { csrf, ...fields }));
      }
      case 'owner goes on':
        return last.owner && arrive('owner', await goOn(last.owner));
      case 'owner is lured': {
        const page = await browsers.owner.go(handle(one.whose));
        return arrive('owner', stepAt(page) === undefined ? page : await goOn(page));
      }
      case 'owner uses a reset link':
        return reset();
    }
  }

  async function goOn(page: Page): Promise<Page> {
    if (stepAt(page) === '') shown.set(baseOf(page), secret);
    const next = await onward(browsers.owner, page);
    if (stepAt(page) !== undefined && next.url.searchParams.has('code')) expect(shown.get(baseOf(page))).toBe(secret);
    return next;
  }

  async function reset(): Promise<void> {
    const issue = { purpose: 'password_reset', accountId: owner.id, lifeSeconds: 900 } as const;
    const token = await issueToken(idp.orm.em.fork(), issue);
    const fresh = `a bridge, ${randomUUID()}`;
    const done = await fillIn(idp.browser(), `/reset-password/new?token=${token}`, { password: fresh });
    expect(done.url.pathname).toBe('/reset-password/done');
    secret = fresh;
    expect(await idp.sql('select from sso_session where account_id = ?', [owner.id])).toEqual([]);
  }

  function arrive(who: 'owner' | 'thief', page: Page): void {
    last[who] = page;
    if (stepAt(page) !== undefined && !begun.includes(baseOf(page))) begun.push(baseOf(page));
  }

  function handle(whose: number): string {
    return begun[whose % Math.max(1, begun.length)] ?? '/sign-in/nothing';
  }
}

/** What the owner does, wherever the page is. */
async function onward(browser: Browser, page: Page): Promise<Page> {
  switch (stepAt(page) ?? 'elsewhere') {
    case '':
      return sendPassword(browser, page, owner, { password: secret });
    case '/account':
      return send(browser, page, '/account', { account: 'another' });
    case '/second-factor':
      return sendTotp(browser, page, await totpCode(idp, owner));
    default:
      return page;
  }
}

/** By the front page. */
async function whoIs(browser: Browser): Promise<string | undefined> {
  const { text } = await browser.go('/');
  return [owner, thief].find(({ email }) => text.includes(email))?.email;
}

test('R-30: a sign-in begun in one browser is nothing in another, at its first page and half done', async () => {
  const [one, other] = [idp.browser(), idp.browser()];
  const first = await one.authorize(authorizationRequest(shop));
  expect((await other.go(baseOf(first))).response.status).toBe(410);
  const asked = await sendPassword(one, first, owner, { password: secret });
  const own = await other.authorize(authorizationRequest(shop));

  for (const path of ['', '/second-factor']) expect((await other.go(baseOf(asked) + path)).response.status).toBe(410);
  const fields = { csrf: hiddenField(own.text, 'csrf'), method: 'totp', code: await totpCode(idp, owner) };
  expect((await other.post(`${baseOf(asked)}/second-factor`, fields)).response.status).toBe(410);
  expect(await whoIs(other)).toBe(undefined);
});

test('A-20: cookies of a sign-in that a neighbouring host plants in another browser do not open it there', async () => {
  const [attacker, victim] = [idp.browser(), idp.browser()];
  const bait = await attacker.authorize(authorizationRequest(shop));
  await victim.authorize(authorizationRequest(shop));
  for (const [name, cookie] of attacker.cookies)
    if (/interaction|resume/.test(name)) victim.cookies.set(name, { ...cookie, path: '/' });

  const lured = await victim.go(baseOf(bait));

  expect(lured.response.status).toBe(410);
  expect((await attacker.go(baseOf(bait))).response.status).toBe(200);
});

test('a second factor shown for one account counts for no other that takes its place', async () => {
  const browser = idp.browser();
  const asked = await onward(browser, await browser.authorize(authorizationRequest(shop)));
  const restarted = await send(browser, asked, '/restart');
  const others = await idp.person();
  await giveTotp(idp, others);
  const again = await sendPassword(browser, restarted, others);
  expect(stepAt(again)).toBe('/second-factor');

  const refused = await sendTotp(browser, again, '000000');
  expect(refused.response.status).toBe(422);
  expect(refused.text).toContain(others.email);
  expect(await whoIs(browser)).toBe(undefined);
});
