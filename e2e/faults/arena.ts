import { test as base } from '@playwright/test';
import { commandLine, type Portcullis } from '../command-line.ts';
import { crowd } from '../fixtures.ts';
import { kill, nodesOf } from '../nodes.ts';
import type { Person } from '../people.ts';
import { startStack, type Stack } from '../stack.ts';
import { declareClient, type TestClient } from '../test-client.ts';
import { startLink, type Link } from './link.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';

/** A stack of one's own whose Redis, nodes and one cable a test may break, and whoever is needed to see what that does. */
export type Arena = {
  stack: Stack;
  redis: RedisServer;
  /** Between the forum and Redis; every other process has a cable of its own. */
  forumLink: Link;
  portcullis: Portcullis;
  client: TestClient;
  nextPerson: () => Promise<Person>;
  startAgain: (name: string) => Promise<void>;
  /** Ends a process of the stack at once and without a word. */
  kill: (name: string) => void;
  /** Redis and the link as they were at the start; nodes are brought back by whoever killed them. */
  mend: () => Promise<void>;
};

export async function openArena({ nodes }: { nodes: number }): Promise<Arena & { close: () => Promise<void> }> {
  const redis = await startRedisServer();
  const forumLink = await startLink(redis.port);
  const { stack, startAgain, stop } = await startStack(nodes, {
    redisUrl: redis.url,
    // The stack takes the first numbered database that is empty.
    environment: { forum: { REDIS_URL: `redis://127.0.0.1:${forumLink.port}/1` } },
  });
  const portcullis = commandLine(stack);
  const mend = async (): Promise<void> => {
    forumLink.heal();
    await redis.mend();
  };
  return {
    stack,
    redis,
    forumLink,
    portcullis,
    client: await declareClient(stack, portcullis),
    nextPerson: crowd(portcullis),
    startAgain,
    kill(name) {
      const it = stack.processes.find((one) => one.name === name);
      if (!it) throw new Error(`the stack has no process ${name}`);
      kill(it);
    },
    mend,
    async close() {
      await mend();
      await stop();
      await forumLink.stop();
      await redis.stop();
    },
  };
}

export function nodeNames({ stack }: Pick<Arena, 'stack'>): string[] {
  return nodesOf(stack).map(({ name }) => name);
}

/** Tests of one file share an arena; each leaves it whole. */
export const test = base.extend<object, { arena: Arena; nodes: number }>({
  nodes: [2, { option: true, scope: 'worker' }],
  arena: [
    async ({ nodes }, use) => {
      const arena = await openArena({ nodes });
      await use(arena);
      await arena.close();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

export { expect } from '@playwright/test';
