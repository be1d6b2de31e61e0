import { startDriver } from './driver-process.ts';
import type { FlowOptions } from './options.ts';
import { startPortcullis } from './portcullis.ts';
import type { ScenarioName } from './scenarios.ts';
import { startPeer } from './servers.ts';
import { argon2Side, serverSide, type Sample, type Side } from './sides.ts';
import { median } from './statistics.ts';

/** Medians over the rounds; the counts of the load beside it are sums. */
export type Figures = Sample;
export type ScenarioResult = { ours: Figures; yardstick: Figures; yardstickName: string; ratio: number };
export type FlowResult = { scenarios: Partial<Record<ScenarioName, ScenarioResult>> };

/** Until the engine has compiled what is hot. */
const WARM_UP_SECONDS = 5;

/**
 * Our node and its yardstick under the same load, in turn, round after round, so that whatever else the machine does
 * meets both alike: many short windows rather than few long ones. One round more at the start warms them up and is not counted.
 */
export async function benchFlow(options: FlowOptions, progress: (line: string) => void): Promise<FlowResult> {
  await using started = new AsyncDisposableStack();
  progress('starting our node and the peer');
  const profiling = { ...(options.profile !== undefined && { folder: options.profile }) };
  const argon2 = started.use(argon2Side());
  const peer = serverSide(started.use(await startPeer(profiling)), started.use(startDriver()));
  const ours = serverSide(started.use(await startPortcullis(profiling)), started.use(startDriver()));

  const scenarios: FlowResult['scenarios'] = {};
  for (const scenario of options.scenarios) {
    const yardstick = scenario === 'password' ? argon2 : peer;
    scenarios[scenario] = await compare(scenario, ours, yardstick, options, progress);
  }
  return { scenarios };
}

async function compare(
  scenario: ScenarioName,
  ours: Side,
  yardstick: Side,
  { rounds, seconds, concurrency }: FlowOptions,
  progress: (line: string) => void,
): Promise<ScenarioResult> {
  const samples: { ours: Sample[]; yardstick: Sample[] } = { ours: [], yardstick: [] };
  for (const side of [ours, yardstick]) await side.prepare({ scenario, concurrency, seconds });
  for (let round = 0; round <= rounds; round += 1) {
    if (round > 0) for (const side of [ours, yardstick]) await side.renew();
    const length = round === 0 ? Math.max(seconds, WARM_UP_SECONDS) : seconds;
    const one = { ours: await ours.measure(length), yardstick: await yardstick.measure(length) };
    progress(
      `${scenario} ${round === 0 ? 'warm-up' : `round ${round}`}: ${line(ours, one.ours)}, ${line(yardstick, one.yardstick)}`,
    );
    if (round === 0) continue;
    samples.ours.push(one.ours);
    samples.yardstick.push(one.yardstick);
  }
  const figures = { ours: medians(samples.ours), yardstick: medians(samples.yardstick) };
  return { ...figures, yardstickName: yardstick.name, ratio: ratioOf(scenario, figures) };
}

/** Above 1 is in our favour: work per core-second, and in the flood how much sooner a token is there at the 99th percentile. */
function ratioOf(scenario: ScenarioName, { ours, yardstick }: { ours: Figures; yardstick: Figures }): number {
  if (scenario === 'flood') return yardstick.p99Ms / ours.p99Ms;
  return ours.operationsPerCoreSecond / yardstick.operationsPerCoreSecond;
}

function medians(samples: Sample[]): Figures {
  const of = (figure: (sample: Sample) => number): number => median(samples.map(figure));
  const background: Record<string, number> = {};
  for (const [label, count] of samples.flatMap((sample) => Object.entries(sample.background)))
    background[label] = (background[label] ?? 0) + count;
  return {
    operationsPerSecond: of((sample) => sample.operationsPerSecond),
    operationsPerCoreSecond: of((sample) => sample.operationsPerCoreSecond),
    p50Ms: of((sample) => sample.p50Ms),
    p99Ms: of((sample) => sample.p99Ms),
    cpuMs: Object.fromEntries(
      Object.keys(samples[0]?.cpuMs ?? {}).map((name) => [name, of((sample) => sample.cpuMs[name] ?? 0)]),
    ),
    background,
  };
}

function line({ name }: Side, { operationsPerSecond, operationsPerCoreSecond }: Sample): string {
  return `${name} ${operationsPerSecond.toFixed(0)}/s, ${operationsPerCoreSecond.toFixed(0)} per core-second`;
}
