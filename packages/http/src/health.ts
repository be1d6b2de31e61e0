import Router from '@koa/router';
import type { Registry } from 'prom-client';

const CHECK_MS = 1000;
const FRESH_MS = 1000;

type Report = { ready: boolean; checks: Record<string, 'ok' | 'failed'> };

/**
 * GET /health/live: the process answers. GET /health/ready: 200 when every check passes, else 503 naming those
 * that failed. A check has one second; a result is kept for one, so probes cannot become load.
 */
export function healthRoutes(options: {
  ready: Record<string, () => Promise<unknown>>;
  details?: () => unknown;
}): Router {
  const router = new Router();
  let latest: { at: number; report: Promise<Report> } | undefined;

  router.get('/health/live', (ctx) => {
    ctx.body = { live: true };
  });

  router.get('/health/ready', async (ctx) => {
    if (!latest || performance.now() - latest.at > FRESH_MS) {
      latest = { at: performance.now(), report: examine(options.ready) };
    }
    const report = await latest.report;
    ctx.status = report.ready ? 200 : 503;
    ctx.body = options.details ? { ...report, details: options.details() } : report;
  });

  return router;
}

async function examine(checks: Record<string, () => Promise<unknown>>): Promise<Report> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, (await passes(check)) ? 'ok' : 'failed'] as const),
  );
  return { ready: results.every(([, result]) => result === 'ok'), checks: Object.fromEntries(results) };
}

async function passes(check: () => Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), CHECK_MS);
  try {
    return await Promise.race([check().then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

export function metricsRoutes(registry: Registry): Router {
  const router = new Router();
  router.get('/metrics', async (ctx) => {
    ctx.type = registry.contentType;
    ctx.body = await registry.metrics();
  });
  return router;
}
