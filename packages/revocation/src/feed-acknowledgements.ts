import type { Redis } from 'ioredis';
import { presenceField, type Presence } from './acknowledgements.ts';
import type { FeedAcknowledgement } from './feed-source-acknowledger.ts';
import { acksLength, keys } from './keys.ts';
import { inMs, transaction } from './replies.ts';

/** Writes what a mirror on the feed said of itself, as a mirror on Redis writes it itself. Throws when Redis does not take it. */
export async function acknowledgeForFeed(
  redis: Redis,
  app: string,
  { instance, run, state, epoch, upto, seqs, leaving }: FeedAcknowledgement,
): Promise<void> {
  const field = presenceField({ app, instance });
  if (leaving) {
    await redis.hdel(keys.mirrors, field);
    return;
  }
  const [time, known] = await Promise.all([redis.time(), redis.hget(keys.mirrors, field)]);
  const at = inMs([String(time[0]), String(time[1])]);
  const before = known === null ? undefined : (JSON.parse(known) as Presence);
  const since = before?.run === run ? before.since : at;
  const presence: Presence = { app, instance, run, since, epoch, seq: upto, state, at };
  const multi = redis.multi().hset(keys.mirrors, field, JSON.stringify(presence));
  if (seqs.length > 0) multi.xadd(keys.acks, 'MAXLEN', '~', acksLength, '*', 'run', run, 'seqs', seqs.join(','));
  await transaction(multi);
}
