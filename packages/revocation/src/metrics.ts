import { Counter, Gauge, type Registry } from 'prom-client';
import type { Mirror } from './mirror.ts';
import type { MirrorState } from './source.ts';

const states: MirrorState[] = ['starting', 'fresh', 'stale', 'closed'];

/** The mirror's numbers as metrics, read when they are asked for. One mirror per registry. */
export function registerMirrorMetrics(mirror: Pick<Mirror, 'status'>, registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'portcullis_mirror_entries',
    help: 'Live revocations in this copy of the denylist.',
    registers,
    collect() {
      this.set(mirror.status().entries);
    },
  });
  new Gauge({
    name: 'portcullis_mirror_age_seconds',
    help: 'Age of the last proof that no revocation was missed; infinite before the first.',
    registers,
    collect() {
      this.set(mirror.status().ageMs / 1000);
    },
  });
  new Gauge({
    name: 'portcullis_mirror_lag_seconds',
    help: 'How long the newest revocation took from its publication to here.',
    registers,
    collect() {
      this.set((mirror.status().lagMs ?? 0) / 1000);
    },
  });
  new Gauge({
    name: 'portcullis_mirror_state',
    help: '1 for the state the mirror is in, 0 for the others.',
    labelNames: ['state'],
    registers,
    collect() {
      const present = mirror.status().state;
      for (const state of states) this.set({ state }, state === present ? 1 : 0);
    },
  });
  new Counter({
    name: 'portcullis_mirror_checks_total',
    help: 'Token checks by verdict; revoked and unknown are refusals unless introspection or the opted bound says otherwise.',
    labelNames: ['verdict'],
    registers,
    collect() {
      this.reset();
      for (const [verdict, count] of Object.entries(mirror.status().checks)) this.inc({ verdict }, count);
    },
  });
}
