/**
 * Codes of eight digits that are mailed during a sign-in.
 *
 * The code is made when the letter is sent, so it is in no job row. What ties it to its sign-in has to travel in the
 * job, and neither that nor the stored hash may let a reader of the database find the code among a hundred million: the
 * job carries a hash of account and sign-in, and the code is stored under a second hash of that, made with a key that
 * only the nodes have. Without the key nothing can be tried offline; online, guesses are counted.
 */
import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Redis } from 'ioredis';
import type { Locale } from '@portcullis/ui';
import { resendAfterMs } from '#link-request/assets.ts';
import type { Post } from '#mail/post.ts';
import type { Counter } from '#rate-limit/counter.ts';
import { consume, issueCode, withdraw } from '#single-use/service.ts';
import type { KeyedHash } from './keyed-hash.ts';

export const emailCodeSeconds = 10 * 60;

/** `binding`: the sign-in under way; a code is right in that one only. */
type Flow = { accountId: string; binding: string };
type Refused = { ok: false; reason: 'sent_just_now' | 'throttled'; retryAfterSeconds: number };
type Deps = {
  keyedHash: KeyedHash;
  redis: Pick<Redis, 'set' | 'pttl' | 'del'>;
  post: Pick<Post, 'send'>;
  allowance: Pick<Counter, 'take'>;
};
export type EmailCodes = ReturnType<typeof createEmailCodes>;

export function createEmailCodes({ keyedHash, redis, post, allowance }: Deps) {
  return { send, waitSeconds, issue, verify };

  /**
   * Earlier codes of the same sign-in stay right: letters overtake each other. One a minute goes out for a sign-in, and at
   * most six an hour to one account.
   */
  async function send(
    em: EntityManager,
    { locale, ...flow }: Flow & { locale: Locale },
  ): Promise<{ ok: true } | Refused> {
    const { accountId } = flow;
    if ((await redis.set(sentKey(flow), '', 'PX', resendAfterMs, 'NX')) === null)
      return { ok: false, reason: 'sent_just_now', retryAfterSeconds: Math.max(1, await waitSeconds(flow)) };
    const place = await allowance.take(accountId);
    if (place.waitSeconds > 0) {
      await redis.del(sentKey(flow));
      return { ok: false, reason: 'throttled', retryAfterSeconds: place.waitSeconds };
    }
    const letter = { kind: 'email_code', accountId, locale, data: { flow: nameOf(flow) } } as const;
    await em.transactional((tx) => post.send(tx, letter));
    return { ok: true };
  }

  /** Until another one may be sent; 0: now. */
  async function waitSeconds(flow: Flow): Promise<number> {
    return Math.max(0, Math.ceil((await redis.pttl(sentKey(flow))) / 1000));
  }

  /** For the letter. `flow` is what its job carries. */
  function issue(em: EntityManager, { accountId, flow }: { accountId: string; flow: string }): Promise<string> {
    const binding = keyedHash('email_code', flow);
    return issueCode(em, { purpose: 'email_code', accountId, binding, lifeSeconds: emailCodeSeconds });
  }

  /** Uses it up, and with it all other codes of the account. */
  async function verify(em: EntityManager, { code, ...flow }: Flow & { code: string }): Promise<boolean> {
    const token = code.replace(/\D/g, '');
    const binding = keyedHash('email_code', nameOf(flow));
    return em.transactional(async (tx) => {
      const issued = await consume(tx, { purpose: 'email_code', token, binding });
      if (issued?.accountId !== flow.accountId) return false;
      await withdraw(tx, flow.accountId, ['email_code']);
      return true;
    });
  }
}

function sentKey(flow: Flow): string {
  return `portcullis:email-code-sent:${nameOf(flow)}`;
}

function nameOf({ accountId, binding }: Flow): string {
  return createHash('sha256').update(`${accountId}\0${binding}`).digest('base64url');
}
