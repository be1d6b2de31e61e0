import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../people.ts';
import { familyApis, statusAt, type Tokens } from '../test-client.ts';
import type { Arena } from './arena.ts';
import { newVisitor, type Visitor } from '../visitor.ts';

/** Somebody with everything a sign-in gives: cookies of the provider and of the applications, and tokens. */
export type Witness = { person: Person; visitor: Visitor; tokens: Tokens };

export async function newWitness({ stack, client, nextPerson }: Arena): Promise<Witness> {
  const person = await nextPerson();
  const visitor = await newVisitor(stack);
  const page = await visitor.signIn(stack.urls.shop, person);
  if (!page.text.includes(person.name)) throw new Error(`not signed in: ${page.url} ${page.status}`);
  for (const application of [stack.urls.forum, stack.urls.dashboard]) await visitor.enter(application);
  return { person, visitor, tokens: await client.tokens(visitor.browser) };
}

/** Somebody who has tokens and never went to an application, so that no logout token can help. */
export async function newTokenHolder({ stack, client, nextPerson }: Arena): Promise<Witness> {
  const person = await nextPerson();
  const visitor = await newVisitor(stack);
  const page = await visitor.open((await client.authorize(visitor.browser)).url.href);
  const { next } = await visitor.submit(page, { email: person.email, password: person.password }, { stay: true });
  await visitor.browser.get(new URL(next, stack.urls.idp).href, { maxRedirects: 0 });
  return { person, visitor, tokens: await client.tokens(visitor.browser) };
}

export function answersTo({ tokens }: Pick<Witness, 'tokens'>, { stack }: Pick<Arena, 'stack'>): Promise<number[]> {
  return Promise.all(familyApis(stack).map((api) => statusAt(api, tokens.access_token)));
}

export type Sample = { url: string; start: number; ms: number; status: number };

/** Asks these over and over until it is stopped; a request that was under way then still counts. */
export function watch(
  urls: string[],
  { headers, everyMs = 50 }: { headers: Record<string, string>; everyMs?: number },
) {
  const samples: Sample[] = [];
  let over = false;
  const running = Promise.all(urls.map(ask));
  return {
    samples,
    async stop(): Promise<Sample[]> {
      over = true;
      await running;
      return samples;
    },
  };

  async function ask(url: string): Promise<void> {
    while (!over) {
      const start = performance.now();
      const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(10_000) });
      await response.body?.cancel();
      samples.push({ url, start, ms: performance.now() - start, status: response.status });
      await delay(everyMs);
    }
  }
}

export function watchToken({ tokens }: Pick<Witness, 'tokens'>, { stack }: Pick<Arena, 'stack'>) {
  return watch(familyApis(stack), { headers: { authorization: `Bearer ${tokens.access_token}` } });
}

/** How long after `since` the last request began that was accepted; 0 when none was. */
export function lastAccepted(samples: Sample[], since: number): number {
  return Math.max(0, ...samples.filter(({ status }) => status === 200).map(({ start }) => start - since));
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** A line beside the test in the report: what was seen, whatever was asked for. */
export function tell(what: string, measured: Record<string, number | string>): void {
  const words = Object.entries(measured).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value) : value}`,
  );
  console.log(`      ${what}: ${words.join(', ')}`);
}
