import type { EntityManager } from '@mikro-orm/postgresql';
import type { Message } from '#revocations/deliveries-enqueue.ts';
import type { LedgerEntry } from '#revocations/entity.ts';

/** One message for each webhook that wants to hear of the cause. `accountId` is null where the entry is about nobody in particular. */
export async function webhookMessages(em: EntityManager, entry: LedgerEntry): Promise<Message[]> {
  const webhooks = await em.execute<{ name: string }[]>(
    'select name from webhook where enabled and (causes is null or ? = any (causes))',
    [entry.cause],
  );
  if (!webhooks.length) return [];
  const { id, cause, target, issuedBefore, expiresAt, actor, recordedAt } = entry;
  const accountId = await accountOf(em, entry);
  const payload = {
    type: cause === 'unban' ? 'revocation.lifted' : 'revocation.recorded',
    revocation: id,
    cause,
    target,
    accountId,
    issuedBefore,
    expiresAt,
    actor,
    occurredAt: cause === 'unban' ? new Date() : recordedAt,
  };
  return webhooks.map(({ name }) => ({ channel: 'webhook', recipient: name, accountId, payload }));
}

async function accountOf(em: EntityManager, { target }: LedgerEntry): Promise<string | null> {
  if ('sub' in target) return target.sub;
  if (target.kind !== 'session') return null;
  const [uid] = target.sid.split('.');
  const rows = await em.execute<{ account_id: string }[]>(
    `select account_id from sso_session where uid = ?
     union select account_id from oidc_grant where session_uid = ? limit 1`,
    [uid, uid],
  );
  return rows[0]?.account_id ?? null;
}
