import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../people.ts';
import { familyApis } from '../test-client.ts';
import { acknowledged } from './acknowledged.ts';
import type { Arena } from './arena.ts';
import type { Chance } from './chance.ts';
import type { Outcome } from './history.ts';
import { outcomeOf, showToken, type Observe } from './observer.ts';
import { newVisitor } from '../visitor.ts';
import type { Loot } from './walker.ts';

type Role = { arena: Arena; observe: Observe; chance: Chance };

/** Who bans people, lifts bans and ends sessions. `banned`: whom nobody has let in again yet. */
export function createOperator({ arena, observe, chance, people }: Role & { people: Person[] }) {
  const banned = new Set<Person>();
  return { run, banned };

  async function run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await delay(chance.between(200, 1500));
      const person = chance.pick(banned.size > people.length / 3 ? [...banned] : people);
      if (banned.has(person)) await lift(person);
      else if (chance.of(0.6)) await ban(person);
      else await endSessions(person);
    }
  }

  async function ban(person: Person): Promise<void> {
    banned.add(person);
    await observe(async () => {
      const outcome = await act(['ban', person.email, '--reason', 'chance']);
      return { kind: 'revoke', act: 'ban', cut: { sub: person.id, until: 'lifted' }, outcome };
    });
  }

  async function lift(person: Person): Promise<void> {
    const { outcome } = await observe(async () => {
      return { kind: 'lift', sub: person.id, outcome: await act(['unban', person.email]) };
    });
    if (outcome === 'accepted') banned.delete(person);
  }

  async function endSessions(person: Person): Promise<void> {
    await observe(async () => {
      const outcome = await act(['sessions', 'end', person.email, '--all']);
      return { kind: 'revoke', act: 'sessions ended', cut: { sub: person.id }, outcome };
    });
  }

  async function act(words: string[]): Promise<Outcome> {
    return acknowledged(arena.portcullis, words).then(
      () => 'accepted',
      () => 'unanswered',
    );
  }
}

/** Who shows tokens to every API, those of others and those long dead among them. */
export async function presentTokens({ arena, observe, chance, loot }: Role & { loot: Loot }, stop: AbortSignal) {
  const apis = familyApis(arena.stack);
  while (!stop.aborted) {
    await delay(chance.between(5, 40));
    const recent = loot.tokens.slice(-chance.pick([10, 30, 300]));
    if (recent.length === 0) continue;
    const { accessToken, token } = chance.pick(recent);
    const at = chance.pick(apis);
    await observe(async () => ({ kind: 'present', at, token, outcome: await showToken(at, accessToken) }));
  }
}

/** Who comes back with copies of cookies, also of those whose owners have signed out. */
export async function presentCookies({ arena, observe, chance, loot }: Role & { loot: Loot }, stop: AbortSignal) {
  const { stack, client } = arena;
  while (!stop.aborted) {
    await delay(chance.between(100, 400));
    const recent = loot.cookies.slice(-60);
    if (recent.length === 0) continue;
    const { person, session, cookies } = chance.pick(recent);
    const thief = await newVisitor(stack, { cookies });
    const at = chance.pick(['shop', 'forum', 'dashboard'] as const);
    const whose = { sub: person.id, session };
    if (chance.of(0.5)) {
      await observe(async () => {
        const page = await thief.open(stack.urls[at]).catch(() => undefined);
        return { kind: 'page', at, ...whose, outcome: page ? outcomeOf(page, person) : 'unanswered' };
      });
    } else {
      await observe(async () => {
        const answer = await client.authorize(thief.browser, { prompt: 'none' }).catch(() => undefined);
        const outcome = answer?.url.searchParams.has('code') ? 'accepted' : 'refused';
        return { kind: 'single-sign-on', ...whose, outcome: answer ? outcome : 'unanswered' };
      });
    }
    await thief.close();
  }
}
