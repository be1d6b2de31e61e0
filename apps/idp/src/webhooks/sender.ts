/** Signed as Standard Webhooks 1.0 says, so that any of its libraries verifies them. */
import { createHmac } from 'node:crypto';
import type { Pool } from 'pg';
import { postOnce } from '#revocations/deliveries-http.ts';
import type { Sender } from '#revocations/deliveries-worker.ts';
import type { Sealer } from '#signing-keys/sealed.ts';

export function createWebhookSender({ pool, sealer }: { pool: Pick<Pool, 'query'>; sealer: Sealer }): Sender {
  return async ({ id, recipient, payload }, signal) => {
    const { rows } = await pool.query<{ url: string; secret: string }>(
      'select url, secret from webhook where name = $1 and enabled',
      [recipient],
    );
    const [webhook] = rows;
    if (!webhook) return { ok: false, final: true, status: null, error: 'the webhook was removed or is paused' };
    const { secret } = await sealer.unseal(webhook.secret);
    const body = JSON.stringify({ id, ...payload });
    const timestamp = String(Math.floor(Date.now() / 1000));
    return postOnce(webhook.url, {
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signatureOf(String(secret), `${id}.${timestamp}.${body}`),
      },
      delivered: (status) => status >= 200 && status < 300,
      signal,
    });
  };
}

/** The secret's key is the base64 after `whsec_`. */
function signatureOf(secret: string, signed: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
