import { percentile } from './statistics.ts';
import type { Prepared } from './scenarios.ts';

export type Measurement = {
  operations: number;
  elapsedSeconds: number;
  p50Ms: number;
  p99Ms: number;
  /** How often the load beside the measured one got which answer. */
  background: Record<string, number>;
};

/**
 * A closed loop: each worker starts its next operation when its last one is answered, until the time is up.
 * Operations under way at that moment are finished and counted, so the figures cover exactly the work that was done.
 */
export async function runLoad(prepared: Prepared, concurrency: number, seconds: number): Promise<Measurement> {
  const latencies: number[] = [];
  const background: Record<string, number> = {};
  const started = performance.now();
  const deadline = started + seconds * 1_000;
  let ended = started;
  let over = false;

  await Promise.all([...workers(concurrency, measure), ...workers(prepared.background?.concurrency ?? 0, disturb)]);
  return {
    operations: latencies.length,
    elapsedSeconds: (ended - started) / 1_000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    background,
  };

  function workers(count: number, work: (worker: number) => Promise<void>): Promise<void>[] {
    return Array.from({ length: count }, async (_, worker) => {
      while (!over && performance.now() < deadline) await work(worker);
    });
  }

  async function measure(worker: number): Promise<void> {
    const from = performance.now();
    const more = await prepared.operation(worker);
    if (more === false) {
      over = true;
      return;
    }
    ended = performance.now();
    latencies.push(ended - from);
  }

  async function disturb(worker: number): Promise<void> {
    const label = (await prepared.background?.operation(worker)) ?? 'none';
    background[label] = (background[label] ?? 0) + 1;
  }
}
