import { setTimeout as delay } from 'node:timers/promises';
import { familyApis } from '../test-client.ts';
import { expect, test } from './arena.ts';
import { createChance } from './chance.ts';
import { judge, type Operation } from './history.ts';
import { healed, torment } from './nemesis.ts';
import { createObserver, outcomeOf, showToken, tokensFrom } from './observer.ts';
import { createOperator, presentCookies, presentTokens } from './roles.ts';
import { newVisitor } from '../visitor.ts';
import { createWalker, type Loot } from './walker.ts';

/** HISTORY_SECONDS: for how long; HISTORY_SEED: to repeat the choices of an earlier run. */
const seconds = Number(process.env['HISTORY_SECONDS'] || 120);
const seed = Number(process.env['HISTORY_SEED'] || Date.now() % 1_000_000);
const boundMs = 5000;
/** How long after healing every acknowledged revocation is in force again. */
const settleMs = 5000;

test.use({ nodes: 3 });

test('F-20: whatever breaks, nobody observes what must not be', async ({ arena }) => {
  test.setTimeout(seconds * 1000 + 150_000);
  const chance = createChance(seed);
  const { history, observe } = createObserver();
  const loot: Loot = { tokens: [], cookies: [] };
  const people = await Promise.all(Array.from({ length: 10 }, () => arena.nextPerson()));
  const nemesis = chance.branch();
  const operator = createOperator({ arena, observe, chance: chance.branch(), people });
  const walkers = people.map((person) => createWalker({ arena, observe, chance: chance.branch(), loot, person }));

  const stop = new AbortController();
  const role = () => ({ arena, observe, chance: chance.branch(), loot });
  const everybody = [
    operator.run(stop.signal),
    ...walkers.map((walker) => walker.run(stop.signal)),
    presentTokens(role(), stop.signal),
    presentTokens(role(), stop.signal),
    presentCookies(role(), stop.signal),
  ];
  const harm = torment(arena, nemesis, stop.signal);
  await delay(seconds * 1000);
  stop.abort();
  const faults = await harm;
  const healedAfterMs = await healed(arena);
  await Promise.all(everybody);
  await delay(Math.max(0, settleMs - healedAfterMs));
  const settledAt = performance.now();

  // All is whole again: bans are met with refusals everywhere, and everybody else gets in.
  const dead = loot.tokens.slice(-200);
  for (const at of familyApis(arena.stack)) {
    for (const { accessToken, token } of dead) {
      await observe(async () => ({ kind: 'present', at, token, outcome: await showToken(at, accessToken) }));
    }
  }
  for (const person of people) {
    const visitor = await newVisitor(arena.stack);
    const { outcome } = await observe(async () => {
      const page = await visitor.signIn(arena.stack.urls.shop, person);
      return { kind: 'sign-in', sub: person.id, outcome: outcomeOf(page, person) };
    });
    if (!operator.banned.has(person)) {
      expect(outcome, `${person.name} is not banned`).toBe('accepted');
      const label = { session: 'last', family: 'last' };
      const { tokens } = await tokensFrom(client(visitor), label);
      const answers = familyApis(arena.stack).map((at) => showToken(at, String(tokens?.access_token)));
      expect(await Promise.all(answers)).toEqual(['accepted', 'accepted', 'accepted']);
    }
    await visitor.close();
  }

  console.log(report({ history, faults, healedAfterMs }));
  expect(judge(history, { boundMs, settledAt })).toEqual([]);
  for (const kind of ['redeem', 'present', 'sign-in', 'page', 'single-sign-on', 'revoke'] as const)
    expect(
      history.some((each) => each.kind === kind && each.outcome === 'accepted'),
      `${kind} happened`,
    ).toBe(true);

  function client(visitor: { browser: Parameters<typeof arena.client.tokens>[0] }) {
    return arena.client.tokens(visitor.browser);
  }
});

function report(o: { history: Operation[]; faults: Record<string, number>; healedAfterMs: number }): string {
  const lines = Object.entries(Object.groupBy(o.history, ({ kind }) => kind)).map(([kind, operations]) => {
    const outcomes = Object.entries(Object.groupBy(operations, ({ outcome }) => outcome));
    return `  ${kind}: ${outcomes.map(([outcome, list]) => `${list?.length} ${outcome}`).join(', ')}`;
  });
  const harm = Object.entries(o.faults).map(([name, count]) => `${count} × ${name}`);
  return [
    `seed ${seed}, ${seconds} s, ${o.history.length} operations, healed within ${Math.round(o.healedAfterMs)} ms`,
    `  ${harm.join(', ')}`,
    ...lines,
    `  the last that was accepted of what was revoked: ${Math.round(lastAccepted(o.history))} ms after the acknowledgement`,
  ].join('\n');
}

function lastAccepted(history: Operation[]): number {
  for (let low = 0, high = 60_000; ;) {
    if (high - low < 1) return high;
    const middle = (low + high) / 2;
    const late = judge(history, { boundMs: middle, settledAt: Infinity }).some(
      ({ invariant }) => invariant === 'what was revoked is refused within the bound',
    );
    if (late) low = middle;
    else high = middle;
  }
}
