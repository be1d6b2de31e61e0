import { Pool } from 'undici';
import { createBrowser } from './browser.ts';
import { createJourneys } from './journeys.ts';
import { runLoad, type Measurement } from './load.ts';
import { scenarios, type Prepared, type ScenarioName } from './scenarios.ts';
import type { Target } from './target.ts';

/** What the bench asks of the driver. Preparing and running are steps of their own so that the CPU is read between them. */
export type Order = { step: 'prepare'; load: Load } | { step: 'renew' } | { step: 'run'; seconds: number };
export type Load = { target: Target; scenario: ScenarioName; concurrency: number; seconds: number };
export type Reply = { ok: true; measurement?: Measurement } | { ok: false; error: string };

/** The client side, a process of its own: its CPU time and its event loop are never the server's. */
let pool: Pool | undefined;
let prepared: Prepared | undefined;
let concurrency = 0;

process.on('message', (order: Order) => {
  void carryOut(order)
    .catch((error: unknown): Reply => ({
      ok: false,
      error: error instanceof Error ? String(error.stack) : String(error),
    }))
    .then((reply) => process.send?.(reply));
});
process.once('disconnect', () => process.exit());

async function carryOut(order: Order): Promise<Reply> {
  if (order.step === 'prepare') {
    await prepare(order.load);
    return { ok: true };
  }
  if (!prepared) throw new Error('nothing was prepared');
  if (order.step === 'renew') {
    await prepared.renew?.();
    return { ok: true };
  }
  return { ok: true, measurement: await runLoad(prepared, concurrency, order.seconds) };
}

async function prepare({ target, scenario, concurrency: wanted, seconds }: Load): Promise<void> {
  await pool?.destroy();
  const fresh = new Pool(target.issuer, { connections: 128, pipelining: 1 });
  pool = fresh;
  concurrency = wanted;
  prepared = await scenarios[scenario]({
    journeys: createJourneys(fresh, target),
    newBrowser: () => createBrowser(fresh, target.issuer),
    concurrency,
    seconds,
  });
}
