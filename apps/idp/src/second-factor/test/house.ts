/** Second factors on a real PostgreSQL and a real Redis, as many nodes as a test asks for, and a clock that it sets. */
import { Secret } from '@portcullis/config';
import { unique } from '@portcullis/testing';
import { generateSync } from 'otplib';
import { createAuditLog } from '#audit/service.ts';
import type { Letter, Post } from '#mail/post.ts';
import { createThrottle } from '#rate-limit/throttle.ts';
import { jobTable } from '#revocations/outbox.ts';
import { startCluster } from '#revocations/test/cluster.ts';
import { createSealer } from '#signing-keys/sealed.ts';
import { composeSecondFactors } from '#second-factor/composition.ts';

export type House = Awaited<ReturnType<typeof openHouse>>;
export type Node = ReturnType<House['node']>;

const encryptionKey = new Secret('test-encryption-key-test-encryption');

export async function openHouse() {
  const cluster = await startCluster();
  const { pool, em, direct: redis } = cluster;
  await cluster.node().ledger.reconcile();
  let at = new Date();
  return { cluster, pool, em, redis, node, person, setClock, events, letters, withTotp, close };

  function node(instead?: Post) {
    const { ledger, post } = cluster.node();
    const throttle = createThrottle({ redis });
    const config = {
      encryptionKey,
      issuer: 'https://id.example',
      brand: { name: 'Castle' },
      http: { https: false },
    };
    const audit = createAuditLog(pool);
    const sealer = createSealer(encryptionKey);
    const factors = composeSecondFactors({
      config,
      reader: pool,
      redis,
      ledger,
      sealer,
      audit,
      throttle,
      post: instead ?? post,
      now: () => at,
    });
    return { ...factors, throttle };
  }

  async function person() {
    const email = `${unique('person')}@example.org`;
    const { rows } = await pool.query<{ id: string }>(
      `insert into account (id, email, email_normalized, name, created_at) values (gen_random_uuid(), $1, $1, 'Somebody', now()) returning id`,
      [email],
    );
    return { accountId: String(rows[0]?.id), email };
  }

  /** Somebody whose authenticator was set up two minutes ago. */
  async function withTotp() {
    const { totp } = node();
    const somebody = await person();
    const { accountId } = somebody;
    const start = Date.now();
    setClock(start - 120_000);
    const secret = (await totp.begin(em(), { accountId, binding: 'set up' })).secret.replaceAll(' ', '');
    const code = codeAt(secret, start - 120_000);
    const confirmed = await totp.confirm(em(), { accountId, actor: accountId, binding: 'set up', code });
    if (!confirmed.ok) throw new Error(confirmed.reason);
    setClock(start);
    return { ...somebody, secret, codeIn: (steps: number) => codeAt(secret, start + steps * 30_000) };
  }

  function setClock(ms: number): void {
    at = new Date(ms);
  }

  async function events(accountId: string) {
    const sql = 'select action, detail from audit_event where account_id = $1 order by at, action';
    return (await pool.query<{ action: string; detail: Record<string, unknown> }>(sql, [accountId])).rows;
  }

  async function letters(accountId: string): Promise<Letter[]> {
    const sql = `select data from ${jobTable.name} where name = $1 and data ->> 'accountId' = $2 order by created_on`;
    return (await pool.query<{ data: Letter }>(sql, [jobTable.mail, accountId])).rows.map(({ data }) => data);
  }

  function close(): PromiseLike<void> {
    return cluster[Symbol.asyncDispose]();
  }
}

export function codeAt(secret: string, ms: number): string {
  return generateSync({ secret, epoch: Math.floor(ms / 1000) });
}
