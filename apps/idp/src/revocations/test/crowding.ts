import { availableParallelism, loadavg } from 'node:os';

/** How many processes want each core: five seconds are five seconds of a machine of one's own. */
export function crowding(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}
