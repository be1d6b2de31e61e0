import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Stack } from './stack.ts';

/** The provider's nodes, by the names they have in the logs. */
export function nodesOf({ processes }: Stack): { name: string; pid: number }[] {
  return processes.filter(({ name }) => name.startsWith('idp'));
}

export type Served = { requestId: string; method: string; path: string };

/** What a node has answered so far, by its own access log. */
export async function servedBy({ logs }: Stack, node: { name: string }): Promise<Served[]> {
  const text = await readFile(join(logs, `${node.name}.log`), 'utf8');
  const lines = text.split('\n').filter((line) => line.includes('"msg":"request"'));
  return lines.map((line) => JSON.parse(line) as Served);
}

/** The nodes that have answered a request like this one. */
export async function nodesThatServed(stack: Stack, wanted: (request: Served) => boolean): Promise<string[]> {
  const nodes = nodesOf(stack);
  const served = await Promise.all(nodes.map((node) => servedBy(stack, node)));
  return nodes.filter((_, index) => served[index]?.some(wanted)).map(({ name }) => name);
}

/** At once and without a word, as when the power goes. */
export function kill({ pid }: { pid: number }): void {
  process.kill(pid, 'SIGKILL');
}

/** Everything that this stack has in Redis is gone. */
export async function loseRedis({ redisUrl }: Stack): Promise<void> {
  const redis = new Redis(redisUrl);
  await redis.flushdb();
  redis.disconnect();
}

type Mirror = { state: string; epoch: string | null };

/** How an application's copy of the denylist is doing, by its health page. */
export async function mirrorOf(application: string): Promise<Mirror | undefined> {
  const response = await fetch(`${application}/health/ready`);
  return ((await response.json()) as { details?: { mirror?: Mirror } }).details?.mirror;
}
