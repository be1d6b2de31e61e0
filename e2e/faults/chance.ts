export type Chance = ReturnType<typeof createChance>;

/** The same seed gives the same choices (mulberry32). */
export function createChance(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    of: (probability: number): boolean => next() < probability,
    between: (low: number, high: number): number => low + next() * (high - low),
    /** One of a list that is not empty. */
    pick<T>(list: readonly T[]): T {
      return list[Math.floor(next() * list.length)] as T;
    },
    /** For whoever chooses at a pace of its own, so that the others' choices do not depend on it. */
    branch: () => createChance(Math.floor(next() * 2 ** 32)),
  };
}
