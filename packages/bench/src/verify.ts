import { setImmediate } from 'node:timers/promises';
import { startRedis } from '@portcullis/testing';
import { prepareChecks, type Check } from './checks.ts';
import { cpuSeconds } from './cpu-time.ts';
import { startIssuer, type Issuer } from './issuer.ts';
import type { VerifyOptions } from './options.ts';
import { median } from './statistics.ts';

export type Rate = { checksPerSecond: number; checksPerCoreSecond: number };
export type VerifyResult = { entries: number; rates: Record<Way, Rate>; ratio: { seen: number; unseen: number } };
type Way = (typeof ways)[number];

const ways = ['jose', 'joseAndRedis', 'seen', 'unseen'] as const;
const SEEN_TOKENS = 1_000;
/** As many as the quickest way may use up in a window; each round goes through all of them once. */
const UNSEEN_TOKENS_PER_SECOND = 4_000;
/** After this many checks the event loop gets its turn, as it does in a server, and the clock is read. */
const CHECKS_PER_TURN = 64;

/** Token checks in this process, one way after the other, round after round; medians. Redis' CPU time is counted in. */
export async function benchVerify(options: VerifyOptions, progress: (line: string) => void): Promise<VerifyResult> {
  const { rounds, seconds, concurrency, entries } = options;
  progress(`signing tokens, filling a denylist of ${entries}`);
  await using issuer = await startIssuer();
  await using redis = await startRedis();
  await using checks = await prepareChecks(issuer, redis, entries);
  const seen = await sign(issuer, SEEN_TOKENS);
  const unseen = await sign(issuer, seconds * UNSEEN_TOKENS_PER_SECOND);
  const pids = [process.pid, redis.pid];

  const rates: Record<Way, Rate[]> = { jose: [], joseAndRedis: [], seen: [], unseen: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const familiar = await checks.freshVerifier();
    for (const token of seen) await familiar(token);
    const measured: Record<Way, Rate> = {
      jose: await once(checks.jose, unseen),
      unseen: await once(await checks.freshVerifier(), unseen),
      joseAndRedis: await rate(checks.joseAndRedis, around(seen, seconds)),
      seen: await rate(familiar, around(seen, seconds)),
    };
    progress(
      `${round === 0 ? 'warm-up' : `round ${round}`}: ${ways.map((way) => `${way} ${measured[way].checksPerSecond.toFixed(0)}/s`).join(', ')}`,
    );
    if (round > 0) for (const way of ways) rates[way].push(measured[way]);
  }

  const medians = Object.fromEntries(ways.map((way) => [way, mediansOf(rates[way])])) as Record<Way, Rate>;
  const perCore = (way: Way): number => medians[way].checksPerCoreSecond;
  return {
    entries,
    rates: medians,
    ratio: { seen: perCore('seen') / perCore('joseAndRedis'), unseen: perCore('unseen') / perCore('jose') },
  };

  function once(check: Check, tokens: string[]): Promise<Rate> {
    return rate(check, tokens.values());
  }

  async function rate(check: Check, tokens: Iterator<string>): Promise<Rate> {
    const before = cpuSeconds(pids);
    const started = performance.now();
    const done = await Promise.all(Array.from({ length: concurrency }, () => checkAll(check, tokens)));
    const elapsed = (performance.now() - started) / 1_000;
    const used = cpuSeconds(pids) - before;
    const total = done.reduce((sum, count) => sum + count, 0);
    return { checksPerSecond: total / elapsed, checksPerCoreSecond: total / used };
  }
}

/** Any refusal ends the bench with its reason: every token here is a good one. */
async function checkAll(check: Check, tokens: Iterator<string>): Promise<number> {
  let count = 0;
  for (let next = tokens.next(); !next.done; next = tokens.next()) {
    await check(next.value);
    count += 1;
    if (count % CHECKS_PER_TURN === 0) await setImmediate();
  }
  return count;
}

/** The tokens in turn until the time is up. */
function* around(tokens: string[], seconds: number): Generator<string> {
  const deadline = performance.now() + seconds * 1_000;
  for (let i = 0; i % CHECKS_PER_TURN !== 0 || performance.now() < deadline; i += 1)
    yield tokens[i % tokens.length] ?? '';
}

async function sign(issuer: Issuer, count: number): Promise<string[]> {
  const tokens: string[] = [];
  while (tokens.length < count) {
    const batch = Math.min(500, count - tokens.length);
    tokens.push(...(await Promise.all(Array.from({ length: batch }, () => issuer.sign()))));
  }
  return tokens;
}

function mediansOf(rates: Rate[]): Rate {
  return {
    checksPerSecond: median(rates.map((one) => one.checksPerSecond)),
    checksPerCoreSecond: median(rates.map((one) => one.checksPerCoreSecond)),
  };
}
