import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStack } from './describe-stack.mjs';
import { startStack } from './stack.mjs';

/** Playwright's global set-up: one throw-away stack for all journeys, described to them as JSON in PORTCULLIS_STACK. */
export default async function setUpStack() {
  const stack = await startStack({
    dataDir: mkdtempSync(join(tmpdir(), 'portcullis-e2e-')),
    throwAway: true,
    databaseUrl: process.env.DATABASE_URL || undefined,
    redisUrl: process.env.REDIS_URL || undefined,
    onExit: (it) => process.stderr.write(`${it.name} ended by itself (${it.how}):\n${it.lastLines().join('\n')}\n`),
  });
  process.env.PORTCULLIS_STACK = JSON.stringify(describeStack(stack));
  return stack.stop;
}
