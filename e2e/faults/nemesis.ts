import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { mirrorOf } from '../nodes.ts';
import { nodeNames, type Arena } from './arena.ts';
import type { Chance } from './chance.ts';

type Fault = (arena: Arena, chance: Chance) => Promise<void>;

/** Each does its harm, waits, and puts it right again. */
const faults: Record<string, Fault> = {
  async 'a node is killed'(arena, chance) {
    const name = chance.pick(nodeNames(arena));
    arena.kill(name);
    await delay(chance.between(0, 3000));
    await arena.startAgain(name);
  },
  async 'Redis is killed'({ redis }, chance) {
    await redis.kill();
    await delay(chance.between(0, 7000));
    await redis.restart();
  },
  async 'Redis is paused'({ redis }, chance) {
    redis.pause();
    await delay(chance.between(300, 8000));
    redis.resume();
  },
  async 'Redis is emptied'({ redis }) {
    await redis.ask((open) => open.flushall());
  },
  async "the forum's link is cut"({ forumLink }, chance) {
    forumLink.cut();
    await delay(chance.between(300, 8000));
    forumLink.heal();
  },
  async "the forum's link is severed"({ forumLink }, chance) {
    forumLink.sever();
    await delay(chance.between(300, 8000));
    forumLink.heal();
  },
};

/** Injects one fault after the other until told to stop; answers how often each, once all is whole again. */
export async function torment(arena: Arena, chance: Chance, stop: AbortSignal): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  while (!stop.aborted) {
    await delay(chance.between(500, 4000));
    const name = chance.pick(Object.keys(faults));
    counts[name] = (counts[name] ?? 0) + 1;
    await faults[name]?.(arena, chance);
  }
  return counts;
}

/** Until every application's copy of the denylist is fresh; answers how long that took. */
export async function healed({ stack: { urls } }: Pick<Arena, 'stack'>): Promise<number> {
  const began = performance.now();
  const states = async (): Promise<(string | undefined)[]> =>
    Promise.all([urls.shop, urls.forum, urls.dashboard].map(async (url) => (await mirrorOf(url))?.state));
  await expect.poll(states, { timeout: 30_000, intervals: [50] }).toEqual(['fresh', 'fresh', 'fresh']);
  return performance.now() - began;
}
