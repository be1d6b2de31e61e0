/** Codes of an authenticator application (RFC 6238: SHA-1, six digits, thirty seconds, as all of them understand it). */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Redis } from 'ioredis';
import { generateSecret, generateURI, verifySync } from 'otplib';
import { toString as drawQr } from 'qrcode';
import type { Delivery } from '#revocations/service.ts';
import type { Sealer } from '#signing-keys/sealed.ts';
import type { ChangeOf, FactorChanges } from './changes.ts';

const secretBytes = 20;
const stepSeconds = 30;
const enrolmentSeconds = 30 * 60;

/** What a person needs to set up an authenticator. */
export type Enrolment = {
  /** To be typed, in groups of four. */
  secret: string;
  /** otpauth://, for a link on a phone. */
  uri: string;
  /** The same as a QR code: a `data:` URL of an SVG, dark on white. */
  qr: string;
};

/** `binding`: the sign-in or session in which it is set up; nobody else's page is shown this secret. */
type Enrolling = { accountId: string; binding: string };

type Deps = {
  sealer: Sealer;
  redis: Pick<Redis, 'get' | 'set' | 'getdel'>;
  changes: FactorChanges;
  /** Stands above the code in the application. */
  productName: string;
  now: () => Date;
};
export type Totp = ReturnType<typeof createTotp>;

export function createTotp({ sealer, redis, changes, productName, now }: Deps) {
  return { begin, confirm, verify, remove };

  /** The same secret for half an hour, so that the page can be loaded again; it counts only once a code confirms it. */
  async function begin(em: EntityManager, enrolling: Enrolling): Promise<Enrolment> {
    const secret = (await pending(enrolling)) ?? (await makePending(enrolling));
    const rows = await em.execute<{ email: string }[]>('select email from account where id = ?', [enrolling.accountId]);
    const uri = generateURI({ issuer: productName, label: rows[0]?.email ?? '', secret });
    const svg = await drawQr(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
    return {
      secret: secret.replace(/.{4}(?=.)/g, '$& '),
      uri,
      qr: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
    };
  }

  /** The authenticator counts from now on, in place of an earlier one. Its code is used up by it. */
  async function confirm(
    em: EntityManager,
    { binding, code, ...change }: ChangeOf & { binding: string; code: string },
  ): Promise<{ ok: true; delivery: Delivery } | { ok: false; reason: 'wrong_code' | 'not_begun' | 'not_found' }> {
    const enrolling = { accountId: change.accountId, binding };
    const secret = await pending(enrolling);
    if (secret === undefined) return { ok: false, reason: 'not_begun' };
    const step = stepOf(secret, code);
    if (step === undefined) return { ok: false, reason: 'wrong_code' };
    const sealed = await sealer.seal({ secret });
    const about = { ...change, change: 'totp_added', detail: { factor: 'totp' } } as const;
    return changes.apply<'not_begun'>(em, about, async (tx, at) => {
      if ((await redis.getdel(keyOf(enrolling))) === null) return 'not_begun'; // of two at once one confirms
      await tx.execute(
        `insert into totp_authenticator (account_id, secret, last_step, created_at) values (?, ?, ?, ?)
         on conflict (account_id) do update
           set secret = excluded.secret, last_step = excluded.last_step, created_at = excluded.created_at, last_used_at = null`,
        [change.accountId, sealed, step, at],
      );
      return undefined;
    });
  }

  /** Whether it is the code of now, one step ago or one ahead, and neither it nor a later one was used before. */
  async function verify(em: EntityManager, { accountId, code }: { accountId: string; code: string }): Promise<boolean> {
    const rows = await em.execute<{ secret: string }[]>('select secret from totp_authenticator where account_id = ?', [
      accountId,
    ]);
    if (!rows[0]) return false;
    const { secret } = await sealer.unseal(rows[0].secret);
    const step = stepOf(String(secret), code);
    if (step === undefined) return false;
    // One statement decides: of many that show the same code at once, one finds an earlier step. The secret is named
    // because another authenticator may have taken its place meanwhile.
    const used = await em.execute<unknown[]>(
      `update totp_authenticator set last_step = ?, last_used_at = ?
       where account_id = ? and secret = ? and last_step < ? returning account_id`,
      [step, now(), accountId, rows[0].secret, step],
    );
    return used.length === 1;
  }

  async function remove(em: EntityManager, change: ChangeOf) {
    const about = { ...change, change: 'totp_removed', detail: { factor: 'totp' } } as const;
    return changes.remove<'not_set_up'>(em, about, async (tx) => {
      const removed = await tx.execute<unknown[]>(
        'delete from totp_authenticator where account_id = ? returning account_id',
        [change.accountId],
      );
      return removed.length === 0 ? 'not_set_up' : undefined;
    });
  }

  async function pending(enrolling: Enrolling): Promise<string | undefined> {
    const sealed = await redis.get(keyOf(enrolling));
    return sealed === null ? undefined : String((await sealer.unseal(sealed))['secret']);
  }

  async function makePending(enrolling: Enrolling): Promise<string> {
    const secret = generateSecret({ length: secretBytes });
    await redis.set(keyOf(enrolling), await sealer.seal({ secret }), 'EX', enrolmentSeconds);
    return secret;
  }

  /** The time step this is the code of. */
  function stepOf(secret: string, code: string): number | undefined {
    const token = code.replace(/\s/g, '');
    if (!/^\d{6}$/.test(token)) return undefined;
    const epoch = Math.floor(now().getTime() / 1000);
    const result = verifySync({ secret, token, epoch, epochTolerance: stepSeconds });
    return result.valid && 'timeStep' in result ? result.timeStep : undefined;
  }
}

function keyOf({ accountId, binding }: Enrolling): string {
  return `portcullis:totp-enrolment:${accountId}:${binding}`;
}
