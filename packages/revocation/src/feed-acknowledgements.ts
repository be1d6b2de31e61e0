import type { Redis } from 'ioredis';
import { presenceField, type Presence } from './acknowledgements.ts';
import type { FeedAcknowledgement } from './feed-source-acknowledger.ts';
import { acksLength, keys } from './keys.ts';

/** Writes what a mirror on the feed said of itself, as a mirror on Redis writes it itself. Throws when Redis does not take it. */
export async function acknowledgeForFeed(
  redis: Redis,
  app: string,
  { instance, run, state, epoch, after, upto, seqs, leaving }: FeedAcknowledgement,
): Promise<void> {
  const field = presenceField({ app, instance });
  if (leaving) {
    await redis.hdel(keys.mirrors, field);
    return;
  }
  const [[seconds, microseconds], known] = await Promise.all([redis.time(), redis.hget(keys.mirrors, field)]);
  const at = Number(seconds) * 1000 + Number(microseconds) / 1000;
  const before = known === null ? undefined : (JSON.parse(known) as Presence);
  const since = before?.run === run ? before.since : at;
  const presence: Presence = { app, instance, run, since, epoch, seq: upto, state, at };
  const pipeline = redis.pipeline();
  const say = (...what: (string | number)[]) =>
    pipeline.xadd(keys.acks, 'MAXLEN', '~', acksLength, '*', 'mirror', field, 'run', run, ...what);
  if (seqs.length > 0) say('heard', seqs.join(','));
  if (upto > after) say('after', after, 'upto', upto);
  pipeline.hset(keys.mirrors, field, JSON.stringify(presence));
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}
