/** Whom a test lets in. `scope` is that of the access token, `locale` what the account is set to. */
export type TestPerson = { sub: string; name: string; roles?: string[]; scope?: string; locale?: string };

type Ctx = { get(header: string): string; state: Record<string, unknown>; redirect(url: string): void };
type Next = () => Promise<unknown>;

/**
 * An application's two doors, held open by hand: the session is what a header says, and so is the access token.
 * Everything behind them is the real thing. The doors themselves are tested where they are made.
 */
export const openDoor = {
  headers: (person: TestPerson) => ({ 'x-person': encode(person) }),
  accessToken: encode,
  session,
  required: (ctx: Ctx, next: Next) => (ctx.state['session'] ? next() : ctx.redirect('/sign-in')),
  verify,
};

function session(ctx: Ctx, next: Next): Promise<unknown> {
  const person = ctx.get('x-person');
  if (person) {
    const { sub, name, roles = [], locale } = decode(person);
    ctx.state['locale'] = locale;
    ctx.state['session'] = { sub, name, roles, sid: 's', email: '', accessToken: person };
  }
  return next();
}

function verify(accessToken: string) {
  const { sub, roles = [], scope = 'openid family' } = decode(accessToken);
  const fixed = { iss: 'i', aud: 'a', client_id: 'c', iat: 0, exp: Number.MAX_SAFE_INTEGER, jti: 'j' };
  return Promise.resolve({ ok: true as const, token: { ...fixed, sub, roles, scope } });
}

function encode(person: TestPerson): string {
  return Buffer.from(JSON.stringify(person)).toString('base64url');
}

function decode(text: string): TestPerson {
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as TestPerson;
}
