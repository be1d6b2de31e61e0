/** Letters' links, bent: whose account changes how is foretold by a model of a few lines, after every step. */
import { randomUUID } from 'node:crypto';
import { unique } from '@portcullis/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  authorizationRequest,
  hiddenField,
  type Page,
  password as firstPassword,
  type Person,
  startIdp,
  type TestIdp,
} from '#harness.ts';
import { issueToken } from './service.ts';

let idp: TestIdp;
let client: string;
beforeAll(async () => {
  idp = await startIdp({ trustedHops: 1 });
  client = await idp.declare();
});
afterAll(() => idp[Symbol.asyncDispose]());

/** Where each kind of link leads. */
const forms = {
  password_reset: '/reset-password/new',
  registration: '/register/confirm',
  email_change: '/confirm-email',
  email_change_undo: '/confirm-email/undo',
  not_me: '/not-me',
} as const;
type Kind = keyof typeof forms;
const kinds = Object.keys(forms) as Kind[];
const ends = ['/reset-password/done', '/register/done', '/confirm-email/done', '/confirm-email/undone', '/not-me/done'];
const requests = ['/reset-password', '/reset-password/sent', '/register', '/register/sent'];

type Who = 'owner' | 'thief';
type Move =
  | { kind: 'ask'; by: Who; path: string; address: number }
  | { kind: 'letter'; about: Exclude<Kind, 'email_change_undo'>; whose: Who; address: number }
  | { kind: 'open'; by: Who; link: number; path: string }
  | { kind: 'send'; by: Who; link: number; to: Kind | 'its own'; csrf: Csrf; password: string; form: Form };
type Csrf = 'own' | 'of the other browser' | 'none';
type Form = 'whole' | 'empty' | 'naming the other account' | 'its token changed';

const who = fc.constantFrom<Who>('owner', 'thief');
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      by: who,
      path: fc.constantFrom(...requests),
      address: fc.nat(3),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('letter' as const),
      about: fc.constantFrom('password_reset', 'password_reset', 'registration', 'email_change', 'not_me'),
      whose: who,
      address: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      by: who,
      link: fc.nat(9),
      path: fc.constantFrom(...Object.values(forms), ...ends),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      by: who,
      link: fc.nat(9),
      to: mostly<Kind | 'its own'>('its own', ...kinds),
      csrf: mostly<Csrf>('own', 'of the other browser', 'none'),
      password: mostly('good', '', 'short', 'passwordpassword'),
      form: mostly<Form>('whole', 'empty', 'naming the other account', 'its token changed'),
    }),
  },
);

/** Each kind of link sent in every wrong way, then rightly, then again; a change of address brings the link that undoes it. */
const straight: Move[] = [
  asked('password_reset'),
  ...usedUp(0),
  asked('registration'),
  ...usedUp(1),
  asked('email_change'),
  ...usedUp(2),
  ...usedUp(3),
  asked('not_me'),
  ...usedUp(4),
];

test('R-49, A-03: whatever is sent in whatever order from whichever browser, an account changes by an unused link of its own alone, and nobody is signed in', async () => {
  const used = new Set<Kind>();
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 8, maxLength: 22 }), async (moves) => {
      const at = await walk();
      await at.expectAsForetold();
      for (const one of moves) await at.make(one).then(at.expectAsForetold);
      expect(await idp.sql('select from sso_session')).toEqual([]);
      await at.expectPasswords();
      for (const kind of at.used) used.add(kind);
    }),
    { numRuns: 16, examples: [[straight]], endOnFailure: true, interruptAfterTimeLimit: 12_000 },
  );
  expect([...used].toSorted()).toEqual(kinds.toSorted());
}, 60_000);

type Link = { kind: Kind; token: string; account: string | undefined; address: string; alive: boolean; at: string };
/** `password`: null where nobody has it. */
type Account = { email: string; password: string | null };

async function walk() {
  await idp.sql('truncate account cascade');
  await idp.sql('truncate single_use_token, sso_session');
  await idp.memory.flushdb();
  const people: Record<Who, Person> = { owner: await idp.person(), thief: await idp.person() };
  const browsers = { owner: idp.browser(), thief: idp.browser() };
  const tokens = { owner: await csrfOf('owner'), thief: await csrfOf('thief') };
  const addresses = [`${unique('new')}@example.org`, `${unique('new')}@example.org`];
  const accounts = new Map<string, Account>(
    Object.values(people).map(({ id, email }) => [id, { email, password: firstPassword }]),
  );
  const links: Link[] = [];
  const used: Kind[] = [];
  const seen = new Map<string, { password: string | null | undefined; hash: string | null }>();
  let passwords = 0;
  return { make, expectAsForetold, expectPasswords, used };

  async function make(one: Move): Promise<void> {
    switch (one.kind) {
      case 'ask': {
        const email = [...addresses, people.owner.email, people.thief.email][one.address] ?? '';
        return answered(await browsers[one.by].post(one.path, { csrf: tokens[one.by], email }));
      }
      case 'letter':
        return write(one);
      case 'open': {
        const link = links[one.link % links.length];
        const page = await browsers[one.by].go(`${one.path}?token=${link?.token ?? ''}`);
        if (!ends.includes(one.path))
          expect(page.response.ok).toBe(link?.alive === true && forms[link.kind] === one.path);
        return answered(page);
      }
      case 'send':
        return sent(one);
    }
  }

  async function sent({ by, link: index, to, csrf, password, form }: Extract<Move, { kind: 'send' }>): Promise<void> {
    const link = links[index % links.length];
    const kind = to === 'its own' ? (link?.kind ?? 'password_reset') : to;
    const other = by === 'owner' ? 'thief' : 'owner';
    const token = { own: tokens[by], 'of the other browser': tokens[other], none: '' }[csrf];
    const secret = password === 'good' ? `seven bridges at dusk ${(passwords += 1)}` : password;
    const asksPassword = kind === 'password_reset' || kind === 'registration';
    const whole = {
      token: form === 'its token changed' ? changed(link?.token ?? '') : (link?.token ?? ''),
      ...(asksPassword && { password: secret }),
      ...(kind === 'registration' && { name: 'Nora Neuer' }),
      ...(form === 'naming the other account' && { accountId: people[other].id, email: people[other].email }),
    };
    const page = await browsers[by].post(forms[kind], { csrf: token, ...(form === 'empty' ? {} : whole) });
    answered(page);
    const proper = csrf === 'own' && form === 'whole' && (!asksPassword || password === 'good');
    if (proper && link?.alive && link.kind === kind) await done(link, secret);
  }

  /** What the link is for, done by it. */
  async function done(link: Link, secret: string): Promise<void> {
    const { kind, address, at } = link;
    const account = link.account === undefined ? undefined : accounts.get(link.account);
    const isTaken = (email: string) => [...accounts.values()].some((one) => one !== account && one.email === email);
    if (kind !== 'password_reset' && kind !== 'not_me' && isTaken(address)) return; // the link stays as it was
    used.push(kind);
    const end = (...which: Kind[]) => {
      for (const one of links) if (which.includes(one.kind) && one.account === link.account) one.alive = false;
    };
    const later = (which: Kind) =>
      links.filter((one) => one.kind === which && one.account === link.account && one.alive && one.at >= at);
    const endLater = (which: Kind) => later(which).forEach((one) => void (one.alive = false));
    if (kind === 'registration') {
      for (const one of links) if (one.kind === kind && one.address === address) one.alive = false;
      const [made] = await idp.sql<{ id: string }>('select id from account where email = ?', [address]);
      accounts.set(String(made?.id), { email: address, password: secret });
      return;
    }
    link.alive = false;
    end('password_reset', 'email_change');
    if (!account) return;
    const before = account.email;
    switch (kind) {
      case 'password_reset':
        account.password = secret;
        return;
      case 'email_change':
        account.email = address;
        return write({ about: 'email_change_undo', account: String(link.account), email: before }, await changedAt());
      case 'email_change_undo':
        account.email = address;
        account.password = null;
        endLater('email_change_undo');
        return endLater('not_me');
      case 'not_me': {
        account.password = null;
        endLater('not_me');
        const [change] = later('email_change_undo');
        if (!change || isTaken(change.address)) return;
        account.email = change.address;
        endLater('email_change_undo');
      }
    }
  }

  async function changedAt(): Promise<string | undefined> {
    const [last] = await idp.sql<{ at: string }>(
      `select max(data ->> 'since') as at from single_use_token where purpose = 'email_change_undo'`,
    );
    return last?.at;
  }

  /** The token that its letter would carry. */
  async function write(
    wanted: Extract<Move, { kind: 'letter' }> | { about: 'email_change_undo'; account: string; email: string },
    at = new Date().toISOString(),
  ): Promise<void> {
    const address = 'email' in wanted ? wanted.email : (addresses[wanted.address] ?? '');
    const accountId = 'account' in wanted ? wanted.account : people[wanted.whose].id;
    const ofAccount = { accountId, email: address };
    const issues = {
      password_reset: { accountId },
      registration: { email: address, data: { email: address } },
      email_change: { ...ofAccount, data: { email: address } },
      email_change_undo: { ...ofAccount, data: { email: address, since: at } },
      not_me: { accountId, data: { device: randomUUID(), since: at } },
    };
    const issue = { purpose: wanted.about, lifeSeconds: 600, ...issues[wanted.about] };
    const token = await issueToken(idp.orm.em.fork(), issue);
    const account = wanted.about === 'registration' ? undefined : accountId;
    links.push({ kind: wanted.about, token, account, address, alive: true, at });
  }

  /** Addresses and, word for word, every password that nobody had the right to set. */
  async function expectAsForetold(): Promise<void> {
    type Row = { id: string; email: string; password_hash: string | null };
    const rows = await idp.sql<Row>('select id, email, password_hash from account');
    const foretoldEmails = [...accounts].map(([id, { email }]) => [id, email]);
    expect(Object.fromEntries(rows.map(({ id, email }) => [id, email]))).toEqual(Object.fromEntries(foretoldEmails));
    for (const { id, password_hash } of rows) {
      const foretold = accounts.get(id)?.password;
      const last = seen.get(id);
      if (last && last.password === foretold) expect(password_hash).toBe(last.hash);
      else expect(password_hash === null).toBe(foretold === null);
      seen.set(id, { password: foretold, hash: password_hash });
    }
  }

  async function expectPasswords(): Promise<void> {
    for (const { email, password } of accounts.values()) {
      if (password === null) continue;
      const { url } = await idp.browser().signIn(authorizationRequest(client), email, password);
      expect(url.searchParams.has('code')).toBe(true);
    }
  }

  async function csrfOf(by: Who): Promise<string> {
    return hiddenField((await browsers[by].go('/reset-password')).text, 'csrf');
  }
}

function asked(about: Extract<Move, { kind: 'letter' }>['about']): Move {
  return { kind: 'letter', about, whose: 'owner', address: about === 'registration' ? 0 : 1 };
}

function usedUp(link: number): Move[] {
  const send = {
    kind: 'send',
    by: 'owner',
    link,
    to: 'its own',
    csrf: 'own',
    password: 'good',
    form: 'whole',
  } as const;
  return [
    ...(['empty', 'naming the other account', 'its token changed'] as const).map((form) => ({ ...send, form })),
    ...(['of the other browser', 'none'] as const).map((csrf) => ({ ...send, csrf })),
    send,
    { ...send, by: 'thief' },
  ];
}

function answered({ response }: Page): void {
  expect(response.status).toBeLessThan(500);
}

function changed(token: string): string {
  return token.startsWith('A') ? `B${token.slice(1)}` : `A${token.slice(1)}`;
}
