import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../people.ts';
import type { Arena } from './arena.ts';
import type { Chance } from './chance.ts';
import type { Outcome, TokenFacts } from './history.ts';
import { outcomeOf, tokensFrom, type Observe, type Tokens } from './observer.ts';
import { newVisitor, type Cookies, type Visitor } from '../visitor.ts';

export type Loot = {
  tokens: { accessToken: string; token: TokenFacts }[];
  cookies: { person: Person; session: string; cookies: Cookies }[];
};
type Family = { label: string; refreshToken: string; spent: string | undefined };
type Visit = { visitor: Visitor; session: string; families: Family[] };

/**
 * Somebody who signs in, looks at applications, gets, renews and replays tokens and signs out, as chance has it, until
 * told to stop. Whatever opens a door is left in `loot` for others to try.
 */
export function createWalker(o: { arena: Arena; observe: Observe; chance: Chance; loot: Loot; person: Person }) {
  const { arena, observe, chance, loot, person } = o;
  const { stack, client } = arena;
  const sub = person.id;
  let visit: Visit | undefined;
  return { run, person };

  async function run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await delay(chance.between(50, 250));
      if (!visit) await signIn();
      else await step(visit);
    }
    await leave();
  }

  async function step(now: Visit): Promise<void> {
    const dice = chance.between(0, 1);
    if (dice < 0.3) await look(now);
    else if (dice < 0.5) await authorize(now);
    else if (dice < 0.88) await refresh(now);
    else if (dice < 0.95) await keep(now);
    else if (dice < 0.98) await signOut(now);
    else await leave();
  }

  async function leave(): Promise<void> {
    await visit?.visitor.close();
    visit = undefined;
  }

  async function signIn(): Promise<void> {
    const session = randomUUID();
    const visitor = await newVisitor(stack);
    const { outcome } = await observe(async () => {
      const page = await visitor.signIn(stack.urls.shop, person).catch(() => undefined);
      return { kind: 'sign-in', sub, session, outcome: page ? outcomeOf(page, person) : 'unanswered' };
    });
    if (outcome === 'accepted') visit = { visitor, session, families: [] };
    else await visitor.close();
  }

  async function look({ visitor, session }: Visit): Promise<void> {
    const at = chance.pick(['shop', 'forum', 'dashboard'] as const);
    await observe(async () => {
      const page = await visitor.open(stack.urls[at] + (at === 'shop' ? '/orders' : '/')).catch(() => undefined);
      return { kind: 'page', at, sub, session, outcome: page ? outcomeOf(page, person) : 'unanswered' };
    });
  }

  /** By the session at the provider to a code and on to tokens; the code now and then twice. */
  async function authorize({ visitor, session, families }: Visit): Promise<void> {
    let answer: Awaited<ReturnType<typeof client.authorize>> | undefined;
    const { outcome } = await observe(async () => {
      answer = await client.authorize(visitor.browser, { prompt: 'none' }).catch(() => undefined);
      const got = answer?.url.searchParams;
      const verdict = got?.has('code')
        ? 'accepted'
        : got?.get('error') === 'login_required'
          ? 'refused'
          : 'unavailable';
      return { kind: 'single-sign-on', sub, session, outcome: answer ? verdict : 'unanswered' };
    });
    if (outcome === 'refused') return leave();
    if (outcome !== 'accepted' || !answer) return;
    const good = answer;
    const label = String(good.url.searchParams.get('code'));
    const exchange = () => redeem(`code ${label}`, client.exchange(good), { session, family: label });
    const tries = chance.of(0.2) ? [exchange(), exchange()] : [exchange()];
    const won = (await Promise.all(tries)).find(({ tokens }) => tokens)?.tokens;
    if (chance.of(0.1)) await exchange();
    if (won?.refresh_token) families.push({ label, refreshToken: won.refresh_token, spent: undefined });
  }

  async function refresh({ session, families }: Visit): Promise<void> {
    const family = families.length > 0 ? chance.pick(families) : undefined;
    if (!family) return;
    if (family.spent && chance.of(0.1)) return replay(session, family, family.spent);
    const handle = family.refreshToken;
    const once = () => redeem(`refresh ${handle}`, client.refresh(handle), { session, family: family.label });
    const answers = await Promise.all(chance.of(0.1) ? [once(), once()] : [once()]);
    const won = answers.find(({ tokens }) => tokens)?.tokens;
    if (!won?.refresh_token || answers.length > 1) return forget(families, family);
    family.spent = handle;
    family.refreshToken = won.refresh_token;
  }

  /** Once a spent refresh token has been shown and refused, its whole family is dead. */
  async function replay(session: string, family: Family, spent: string): Promise<void> {
    await observe(async () => {
      const { outcome } = await redeem(`refresh ${spent}`, client.refresh(spent), { session, family: family.label });
      return {
        kind: 'revoke',
        act: 'reuse',
        cut: { sub, family: family.label },
        outcome: outcome === 'refused' ? 'accepted' : 'unanswered',
      };
    });
  }

  async function redeem(
    handle: string,
    request: Promise<Tokens>,
    label: Pick<TokenFacts, 'session' | 'family'>,
  ): Promise<{ outcome: Outcome; tokens?: Tokens }> {
    let tokens: Tokens | undefined;
    const { outcome } = await observe(async () => {
      const got = await tokensFrom(request, label);
      tokens = got.tokens;
      if (got.token && tokens) loot.tokens.push({ accessToken: tokens.access_token, token: got.token });
      return { kind: 'redeem', handle, sub, outcome: got.outcome, ...(got.token && { token: got.token }) };
    });
    return tokens ? { outcome, tokens } : { outcome };
  }

  /** A copy of the cookies, for somebody to come back with. */
  async function keep({ visitor, session }: Visit): Promise<void> {
    loot.cookies.push({ person, session, cookies: await visitor.cookies() });
  }

  async function signOut({ visitor, session }: Visit): Promise<void> {
    await keep({ visitor, session, families: [] });
    await observe(async () => {
      const page = await visitor.signOut().catch(() => undefined);
      const outcome = page?.text.includes('You are signed out') ? 'accepted' : 'unanswered';
      return { kind: 'revoke', act: 'sign-out', cut: { sub, session }, outcome };
    });
    await leave();
  }
}

function forget(families: Family[], family: Family): void {
  families.splice(families.indexOf(family), 1);
}
