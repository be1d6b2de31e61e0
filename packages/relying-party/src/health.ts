import Router from '@koa/router';
import { healthRoutes, metricsRoutes } from '@portcullis/http';
import type { Verifier } from '@portcullis/resource-server';
import { registerMirrorMetrics, type Mirror } from '@portcullis/revocation';
import { Registry } from 'prom-client';

/** GET /health/live, /health/ready and /metrics. Takes what else the application cannot do without, as checks that throw. */
export type Health = (ready?: Record<string, () => Promise<unknown>>) => Router;

/** Ready means that sessions and tokens can be judged; a stale mirror under a policy that allows reads can still do some of it. */
export function createHealth(deps: {
  mirror: Pick<Mirror, 'ready' | 'status'>;
  verifier: Pick<Verifier, 'ready'>;
}): Health {
  const { mirror, verifier } = deps;
  const registry = new Registry();
  registerMirrorMetrics(mirror, registry);
  return (ready = {}) => {
    const router = new Router();
    router.use(
      healthRoutes({
        ready: { mirror: mirrorIsOpen, signingKeys: () => verifier.ready(), ...ready },
        details: () => ({ mirror: mirror.status() }),
      }).routes(),
    );
    router.use(metricsRoutes(registry).routes());
    return router;
  };

  async function mirrorIsOpen(): Promise<void> {
    if (mirror.status().state !== 'stale') await mirror.ready();
  }
}
