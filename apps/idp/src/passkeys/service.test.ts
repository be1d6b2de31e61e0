import { generateKeyPairSync } from 'node:crypto';
import { Secret } from '@portcullis/config';
import { unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encryptionKey, type Person, startIdp, type TestIdp } from '#harness.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';
import { createFactorChanges } from '#second-factor/changes.ts';
import { createKeyedHash } from '#second-factor/keyed-hash.ts';
import { createPasskeys, type Passkeys } from './service.ts';
import { createAuthenticator, type Authenticator } from './test/authenticator.ts';

let idp: TestIdp;
let passkeys: Passkeys;
const resources = new AsyncDisposableStack();
const now = (): Date => new Date();

beforeAll(async () => {
  idp = resources.use(await startIdp());
  const { ledger, post } = resources.use(openLedgerOf(idp));
  const factorChanges = createFactorChanges({ ledger, post, now });
  passkeys = createPasskeys({
    issuer: idp.issuer,
    productName: 'House',
    keyedHash: createKeyedHash(new Secret(encryptionKey)),
    redis: idp.memory,
    factorChanges,
    now,
  });
});
afterAll(() => resources.disposeAsync());

const em = () => idp.orm.em.fork();

/** Somebody with an authenticator that holds one passkey of theirs. */
async function holder(lies: Parameters<Authenticator['create']>[1] = {}) {
  const person = await idp.person();
  const authenticator = createAuthenticator({ origin: idp.issuer });
  const registered = await register(person, (options) => authenticator.create(options, lies));
  if (!registered.ok) throw new Error(`the passkey was refused: ${registered.reason}`);
  return { person, authenticator };
}

type CreationOptions = Awaited<ReturnType<Passkeys['registrationOptions']>>;

async function register({ id }: Person, create: (options: CreationOptions) => string, name = '') {
  const flow = { binding: unique('session'), accountId: id };
  const options = await passkeys.registrationOptions(em(), flow);
  return passkeys.register(em(), {
    ...flow,
    response: create(options),
    name,
    otherwise: 'Passkey on Linux',
    actor: id,
  });
}

/** One ceremony: as the only factor, or as the second one of `accountId`. */
async function use(authenticator: Authenticator, lies: Parameters<Authenticator['get']>[1] = {}, accountId?: string) {
  const flow = { binding: unique('sign-in'), ...(accountId === undefined ? {} : { accountId }) };
  const options = await passkeys.authenticationOptions(em(), flow);
  return passkeys.authenticate(em(), { ...flow, response: authenticator.get(options, lies) });
}

async function eventsOf({ id }: Person): Promise<string[]> {
  const rows = await idp.sql<{ action: string }>('select action from audit_event where account_id = ? order by at', [
    id,
  ]);
  return rows.map(({ action }) => action);
}

test('a passkey that verified its user signs its owner in, who had not said who it is', async () => {
  const { person, authenticator } = await holder();
  expect(await use(authenticator)).toMatchObject({ ok: true, accountId: person.id, userVerified: true });
  const [passkey] = await passkeys.list(em(), person.id);
  expect(passkey).toMatchObject({ name: 'Passkey on Linux', standsAlone: true, lastUsedAt: expect.any(Date) });
  expect(await eventsOf(person)).toEqual(['passkey.added']);
});

test('A-02: before the password, the options are the same for everybody: no account, no list of credentials', async () => {
  await holder();
  const options = await passkeys.authenticationOptions(em(), { binding: unique('sign-in') });
  expect(options).toEqual({
    rpId: 'localhost',
    challenge: expect.any(String),
    allowCredentials: [],
    timeout: 300_000,
    userVerification: 'required',
  });
});

test('as a second factor it says whether it verified its user, and only a passkey of that account will do', async () => {
  const [own, other] = [await holder(), await holder()];
  const { id } = own.person;
  expect(await use(own.authenticator, {}, id)).toMatchObject({ ok: true, userVerified: true });
  expect(await use(own.authenticator, { userVerified: false }, id)).toMatchObject({ ok: true, userVerified: false });
  expect(await use(other.authenticator, {}, id)).toEqual({ ok: false, reason: 'unknown' });
});

test.each<[string, Parameters<Authenticator['get']>[1]]>([
  ['made for another origin', { origin: 'https://evil.example' }],
  ['made for an origin that ends like ours', { origin: 'http://badlocalhost:4000' }],
  ['made for our host on another port', { origin: 'http://localhost:1' }],
  ['made for another relying party', { rpId: 'evil.example' }],
  ['signed by another key', { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  ['whose user was not verified', { userVerified: false }],
  ['with the user handle of somebody else', { userHandle: 'A'.repeat(43) }],
  ['that does not say whose it is', { userHandle: '' }],
  ['asked for by a page within a page of another site', { crossOrigin: true }],
])('A-25: an assertion %s does not sign in, and leaves an event', async (_, lies) => {
  const { person, authenticator } = await holder();
  expect(await use(authenticator, lies)).toEqual({ ok: false, reason: 'refused' });
  expect(await eventsOf(person)).toEqual(['passkey.added', 'passkey.refused']);
});

test('A-25: an assertion is worth one sign-in, however many use it at once', async () => {
  const { authenticator } = await holder();
  const flow = { binding: unique('sign-in') };
  const response = authenticator.get(await passkeys.authenticationOptions(em(), flow));
  const uses = await Promise.all(Array.from({ length: 20 }, () => passkeys.authenticate(em(), { ...flow, response })));
  expect(uses.filter(({ ok }) => ok)).toHaveLength(1);
  expect(uses.filter(({ ok }) => !ok)).toEqual(Array.from({ length: 19 }, () => ({ ok: false, reason: 'expired' })));
});

test('R-48: a challenge is good for its own flow and its own purpose', async () => {
  const { person, authenticator } = await holder();
  const binding = unique('sign-in');
  const alone = await passkeys.authenticationOptions(em(), { binding });
  const life = await idp.memory.ttl(`portcullis:passkey:sign-in:${binding}`);
  expect([life > 5 * 60, life <= 15 * 60]).toEqual([true, true]);
  const { id: accountId } = person;
  const elsewhere = { binding: unique('sign-in'), response: authenticator.get(alone) };
  expect(await passkeys.authenticate(em(), elsewhere)).toEqual({ ok: false, reason: 'expired' });
  const second = { binding, accountId, response: authenticator.get(alone) };
  expect(await passkeys.authenticate(em(), second)).toEqual({ ok: false, reason: 'expired' });
  await passkeys.authenticationOptions(em(), second);
  expect(await passkeys.authenticate(em(), second)).toEqual({ ok: false, reason: 'refused' });
  const { id: another } = await idp.person();
  await passkeys.authenticationOptions(em(), second);
  expect(await passkeys.authenticate(em(), { ...second, accountId: another })).toEqual({
    ok: false,
    reason: 'expired',
  });
});

test('A-25: a counter that went back is that of a copy: refused, with an event of its own; one that never counts is none', async () => {
  const { person, authenticator } = await holder();
  expect(await use(authenticator, { step: 5 })).toMatchObject({ ok: true });
  for (const step of [0, -4, -1]) expect(await use(authenticator, { step })).toEqual({ ok: false, reason: 'refused' });
  expect(await use(authenticator, { step: 6 })).toMatchObject({ ok: true });
  const regressed = Array.from({ length: 3 }, () => 'passkey.counter_regressed');
  expect(await eventsOf(person)).toEqual(['passkey.added', ...regressed]);

  const { authenticator: uncounted } = await holder();
  for (let i = 0; i < 2; i += 1) expect(await use(uncounted, { step: 0 })).toMatchObject({ ok: true });
});

test('R-48: of several assertions at once with the same counter one is accepted', async () => {
  const { authenticator } = await holder();
  for (let round = 0; round < 3; round += 1) {
    const made = [];
    for (let i = 0; i < 6; i += 1) {
      const flow = { binding: unique('sign-in') };
      const options = await passkeys.authenticationOptions(em(), flow);
      made.push({ ...flow, response: authenticator.get(options, { step: i === 0 ? 1 : 0 }) });
    }
    const uses = await Promise.all(made.map((one) => passkeys.authenticate(em(), one)));
    expect(uses.filter(({ ok }) => ok)).toHaveLength(1);
  }
});

test('A-25: a credential that somebody registered cannot be registered again, there or elsewhere', async () => {
  const { person, authenticator } = await holder();
  const [known] = authenticator.credentials;
  const other = await idp.person();
  const copy = (options: CreationOptions): string => {
    const made = createAuthenticator({ origin: idp.issuer });
    return made.create(options, { id: known?.id });
  };
  for (const who of [person, other])
    expect(await register(who, copy)).toEqual({ ok: false, reason: 'already_registered' });
  expect(await eventsOf(other)).toEqual(['passkey.refused']);
  expect(await passkeys.list(em(), other.id)).toEqual([]);
});

test.each<[string, Parameters<Authenticator['create']>[1]]>([
  ['for another origin', { origin: 'https://evil.example' }],
  ['for another relying party', { rpId: 'evil.example' }],
  ['by a page within a page of another site', { crossOrigin: true }],
  ['with certificates that nobody asked for', { certificates: true }],
])('R-48: a passkey made %s is not registered', async (_, lies) => {
  const person = await idp.person();
  const authenticator = createAuthenticator({ origin: idp.issuer });
  expect(await register(person, (options) => authenticator.create(options, lies))).toEqual({
    ok: false,
    reason: 'refused',
  });
  expect(await passkeys.list(em(), person.id)).toEqual([]);
  expect(await eventsOf(person)).toEqual(['passkey.refused']);
});

test('R-48: the challenge of a registration is used once, by the account it was made for', async () => {
  const [person, thief] = [await idp.person(), await idp.person()];
  const authenticator = createAuthenticator({ origin: idp.issuer });
  const binding = unique('session');
  const options = await passkeys.registrationOptions(em(), { binding, accountId: person.id });
  const attempt = { binding, response: authenticator.create(options), name: '', otherwise: 'Passkey' };
  const by = ({ id }: Person) => passkeys.register(em(), { ...attempt, accountId: id, actor: id });
  expect(await by(thief)).toEqual({ ok: false, reason: 'expired' });
  expect(await by(person)).toEqual({ ok: false, reason: 'expired' });
});

test('an account has at most twenty passkeys', async () => {
  const { person, authenticator } = await holder();
  await idp.sql(
    `insert into passkey select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'credential_id', n::text || id))).*
     from passkey p, generate_series(2, 20) n where account_id = ?`,
    [person.id],
  );
  expect(await register(person, (options) => authenticator.create(options))).toEqual({ ok: false, reason: 'too_many' });
  expect(await passkeys.list(em(), person.id)).toHaveLength(20);
});

test('a passkey is known to stand alone when it says so, or once it has', async () => {
  const { person, authenticator } = await holder({ discoverable: false });
  const standsAlone = async () => (await passkeys.list(em(), person.id)).map((passkey) => passkey.standsAlone);
  expect(await standsAlone()).toEqual([false]);
  await use(authenticator, {}, person.id);
  expect(await standsAlone()).toEqual([false]);
  expect(await use(authenticator)).toMatchObject({ ok: true });
  expect(await standsAlone()).toEqual([true]);
});

test('what is no answer of an authenticator, or too long for one, is refused and not looked at', async () => {
  const { authenticator, person } = await holder();
  const flow = { binding: unique('sign-in') };
  const options = await passkeys.authenticationOptions(em(), flow);
  const genuine = JSON.parse(authenticator.get(options)) as { response: object };
  const long = { ...genuine, response: { ...genuine.response, userHandle: 'A'.repeat(20_000) } };
  for (const response of ['', 'null', '[]', '{"id":1}', '{', JSON.stringify(long)]) {
    await passkeys.authenticationOptions(em(), flow);
    expect(await passkeys.authenticate(em(), { ...flow, response })).toEqual({ ok: false, reason: 'refused' });
    expect(await register(person, () => response)).toEqual({ ok: false, reason: 'refused' });
  }
});

test('a second passkey leaves out the first, shares its user handle, and is called what the person or its maker calls it', async () => {
  const { person, authenticator } = await holder();
  const options = await passkeys.registrationOptions(em(), { binding: unique('session'), accountId: person.id });
  const [first] = authenticator.credentials;
  expect(options.excludeCredentials).toMatchObject([{ id: first?.id }]);
  expect(options.user).toEqual({ id: first?.userHandle, name: person.email, displayName: 'A person' });
  expect(options.user.id).not.toContain(Buffer.from(person.id).toString('base64url'));

  const another = createAuthenticator({ origin: idp.issuer });
  const bitwarden = 'd548826e-79b4-db40-a3d8-11116f7e8349';
  await register(person, (creation) => another.create(creation, { aaguid: bitwarden }));
  await register(person, (creation) => another.create(creation, { aaguid: bitwarden }), ' Blue key ');
  const names = (await passkeys.list(em(), person.id)).map(({ name }) => name);
  expect(names).toEqual(['Blue key', 'Bitwarden', 'Passkey on Linux']);
});

test('a passkey is renamed and removed by its owner only, and then no longer signs in', async () => {
  const { person, authenticator } = await holder();
  const { id: stranger } = await idp.person();
  const [passkey] = await passkeys.list(em(), person.id);
  const passkeyId = String(passkey?.id);
  const theirs = { accountId: stranger, passkeyId, actor: stranger };
  const own = { accountId: person.id, passkeyId, actor: person.id };
  expect(await passkeys.rename(em(), { ...theirs, name: 'Mine now' })).toEqual({ ok: false, reason: 'not_found' });
  expect(await passkeys.remove(em(), theirs)).toEqual({ ok: false, reason: 'not_found' });
  expect(await passkeys.rename(em(), { ...own, name: ' ' })).toEqual({ ok: false, reason: 'name_invalid' });
  expect(await passkeys.rename(em(), { ...own, name: 'Laptop' })).toEqual({ ok: true });
  expect(await passkeys.list(em(), person.id)).toMatchObject([{ name: 'Laptop' }]);
  expect(await passkeys.remove(em(), own)).toMatchObject({ ok: true });
  expect(await use(authenticator)).toEqual({ ok: false, reason: 'unknown' });
  expect(await eventsOf(person)).toEqual(['passkey.added', 'passkey.renamed', 'passkey.removed']);
});

test('an account without a password keeps one passkey that can be used alone, however it removes them', async () => {
  const { person, authenticator } = await holder();
  await register(person, (options) => authenticator.create(options));
  await register(person, (options) => authenticator.create(options, { userVerified: false }));
  await idp.sql('update account set password_hash = null where id = ?', [person.id]);
  const owned = await passkeys.list(em(), person.id);
  const act = { accountId: person.id, actor: person.id };
  const outcomes = await Promise.all(owned.map(({ id: passkeyId }) => passkeys.remove(em(), { ...act, passkeyId })));
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(2);
  expect(outcomes).toContainEqual({ ok: false, reason: 'last_way_in' });
  const [left] = await passkeys.list(em(), person.id);
  expect(left).toMatchObject({ standsAlone: true });
  await register(person, (options) => authenticator.create(options, { userVerified: false }));
  expect(await passkeys.remove(em(), { ...act, passkeyId: String(left?.id) })).toEqual({
    ok: false,
    reason: 'last_way_in',
  });
});
