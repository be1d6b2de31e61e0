import { setTimeout as pause } from 'node:timers/promises';
import { createMirror, redisSource, type Mirror, type Source } from '@portcullis/revocation';
import { eventually } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { measureCapacity } from './revoke-capacity.ts';
import { monotonicMs, peerChannel, subjectOf, type Answer, type Order, type Reply } from './revoke-orders.ts';

/** Mirrors, and as many bare subscribers, in this process. Times are by mirror (subscriber), then by revocation; 0: never. */
const mirrors: Mirror[] = [];
const refusedAt: number[][] = [];
const heardAt: number[][] = [];

process.on('message', (order: Order) => {
  void carryOut(order)
    .then((reply): Answer => ({ ok: true, reply }))
    .catch((error: unknown): Answer => ({
      ok: false,
      error: error instanceof Error ? String(error.stack) : String(error),
    }))
    .then((answer) => process.send?.(answer));
});
process.once('disconnect', () => process.exit());

async function carryOut(order: Order): Promise<Reply> {
  switch (order.step) {
    case 'start':
      await start(order);
      return {};
    case 'check':
      return { clear: order.mirrors.filter((mirror) => check(mirror, order.revocation) === 'clear').length };
    case 'collect':
      await eventually(() => heardAt.every((heard) => heard.at(-1))).catch(() => {}); // the last one may be on its way
      return { refusedAt, heardAt };
    case 'capacity':
      return { capacity: await measureCapacity(order.redisUrl, order.entries) };
  }
}

async function start({
  redisUrl,
  name,
  mirrors: count,
  revocations,
}: Extract<Order, { step: 'start' }>): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const refused = Array.from({ length: revocations }, () => 0);
    refusedAt.push(refused);
    const source = watched(redisSource({ url: redisUrl }), (revocation) => {
      if (refused[revocation] === 0 && check(number, revocation) === 'revoked') refused[revocation] = monotonicMs();
    });
    mirrors.push(createMirror({ source, app: `bench-${name}`, instance: String(number) }));
    await startSubscriber(redisUrl, revocations);
    if (number % 10 === 9) await pause(20); // a thousand connections at once are no part of what is measured
  }
  await Promise.all(mirrors.map((mirror) => mirror.ready()));
}

function check(mirror: number, revocation: number): string | undefined {
  return mirrors[mirror]?.check({ sub: subjectOf(revocation), client_id: 'bench', iat: 0 }).state;
}

/** Calls back whenever the source has put a revocation into the copy: the first moment its check can say so. */
function watched(source: Source, applied: (revocation: number) => void): Source {
  return (receiver) => {
    const { denylist } = receiver;
    return source({
      ...receiver,
      denylist: {
        ...denylist,
        apply(entry) {
          denylist.apply(entry);
          applied(entry.seq - 1);
        },
      },
    });
  };
}

/** The yardstick: the least there is between a publisher and a process that hears it. */
async function startSubscriber(redisUrl: string, revocations: number): Promise<void> {
  const heard = Array.from({ length: revocations }, () => 0);
  heardAt.push(heard);
  const redis = new Redis(redisUrl);
  redis.on('message', (_channel: string, message: string) => {
    const [entry] = JSON.parse(message) as { seq: number }[];
    if (entry) heard[entry.seq - 1] = monotonicMs();
  });
  await redis.subscribe(peerChannel);
}
