import { expect, test } from '../fixtures.ts';
import type { Portcullis } from '../command-line.ts';
import type { Person } from '../people.ts';
import { declareClient, familyApis, refusalOf, statusAt, type TestClient } from '../test-client.ts';
import { newVisitor, type Visitor } from '../visitor.ts';

type Scene = { visitor: Visitor; portcullis: Portcullis; person: Person; client: TestClient };
type Credential =
  | "the provider's cookie"
  | "an application's cookie"
  | 'a refresh token'
  | 'a code'
  | 'an access token'
  | 'a token for userinfo';

const all: Credential[] = [
  "the provider's cookie",
  "an application's cookie",
  'a refresh token',
  'a code',
  'an access token',
  'a token for userinfo',
];
const ofTheClient: Credential[] = ['a refresh token', 'a code', 'an access token', 'a token for userinfo'];

/** What happens, and which credentials it kills; the others go on. */
const events: [string, (scene: Scene) => Promise<unknown>, Credential[]][] = [
  ['R-33: a sign-out', ({ visitor }) => visitor.signOut(), all],
  [
    'R-33: sessions ended by an operator',
    ({ portcullis, person }) => portcullis(['sessions', 'end', person.email, '--all']),
    all,
  ],
  ['R-34: a ban', ({ portcullis, person }) => portcullis(['ban', person.email, '--reason', 'spam']), all],
  ['R-34: the account disabled', ({ portcullis, person }) => portcullis(['accounts', 'disable', person.email]), all],
  [
    'R-34: the account deleted',
    ({ portcullis, person }) => portcullis(['accounts', 'delete', person.email, '--yes']),
    all,
  ],
  [
    'R-34: the password changed',
    ({ portcullis, person }) =>
      portcullis(['accounts', 'password', person.email], {}, 'another drawbridge, in the snow\n'),
    all,
  ],
  [
    'R-34: everything of the account revoked',
    ({ portcullis, person }) => portcullis(['revoke', '--account', person.email, '--reason', 'test']),
    all,
  ],
  [
    'R-34: the roles changed',
    ({ portcullis, person }) => portcullis(['accounts', 'roles', person.email, 'analyst']),
    ['an access token'],
  ],
  [
    'R-34: access taken back from one application',
    ({ portcullis, person, client }) =>
      portcullis(['revoke', '--account', person.email, '--client', idOf(client), '--reason', 'test']),
    ofTheClient,
  ],
  [
    'R-34: an application disabled',
    ({ portcullis, client }) => portcullis(['clients', 'disable', idOf(client)]),
    ofTheClient,
  ],
  [
    'R-33: a ban from one application',
    ({ portcullis, person, client }) => portcullis(['ban', person.email, '--reason', 'spam', '--client', idOf(client)]),
    ofTheClient,
  ],
];
for (const [event, happen, dead] of events) {
  test(`${event}: what lives on and what does not`, async ({ stack, portcullis, person }) => {
    const visitor = await newVisitor(stack);
    expect((await visitor.signIn(stack.urls.shop, person)).text).toContain(person.name);
    const client = await declareClient(stack, portcullis);
    const cookies = await visitor.cookies();
    const { access_token: jwt, refresh_token: refreshToken } = await client.tokens(visitor.browser);
    const { access_token: opaque } = await client.tokens(visitor.browser, { resource: '' });
    const code = await client.authorize(visitor.browser);

    await happen({ visitor, portcullis, person, client });
    const tokens = async () => [
      ...(await Promise.all(familyApis(stack).map((api) => statusAt(api, jwt)))),
      await statusAt(`${stack.urls.idp}/me`, opaque),
    ];
    const statusOf = (credential: Credential) => (dead.includes(credential) ? 401 : 200);
    const ofJwt = statusOf('an access token');
    await expect.poll(tokens, { timeout: 5000 }).toEqual([ofJwt, ofJwt, ofJwt, statusOf('a token for userinfo')]);

    const copy = await newVisitor(stack, { cookies });
    const alive: Record<Credential, boolean> = {
      "an application's cookie": (await copy.open(`${stack.urls.shop}/orders`)).text.includes(person.name),
      "the provider's cookie": (await copy.open(stack.urls.idp)).text.includes(person.name),
      'a refresh token': (await refusalOf(client.refresh(refreshToken))) === 'granted',
      'a code': (await refusalOf(client.exchange(code))) === 'granted',
      'an access token': (await tokens())[0] === 200,
      'a token for userinfo': (await tokens())[3] === 200,
    };
    expect(all.filter((credential) => !alive[credential]).toSorted()).toEqual(dead.toSorted());
    await copy.close();
    await visitor.close();
  });
}

function idOf({ configuration }: TestClient): string {
  return configuration.clientMetadata().client_id;
}
