/** Ten codes to be kept on paper, for the day the authenticator is lost. */
import { randomInt } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { record as recordEvent } from '#audit/service.ts';
import type { ChangeOf, FactorChanges } from './changes.ts';
import type { KeyedHash } from './keyed-hash.ts';

const codeCount = 10;
/** Crockford's base 32: nothing in it can be taken for something else. Twelve of them are 60 bits. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const codeLength = 12;
const lookalikes: Record<string, string> = { o: '0', i: '1', l: '1' };

type Presented = { accountId: string; code: string };
type Deps = { keyedHash: KeyedHash; changes: FactorChanges; now: () => Date };
export type RecoveryCodes = ReturnType<typeof createRecoveryCodes>;

export function createRecoveryCodes({ keyedHash, changes, now }: Deps) {
  return { make, use, left };

  /** New codes (`xxxx-xxxx-xxxx`) in place of all earlier ones. Only their hashes are kept: nobody sees them a second time. */
  async function make(em: EntityManager, change: ChangeOf): Promise<string[]> {
    const codes = Array.from({ length: codeCount }, newCode);
    const { accountId } = change;
    const made = await changes.apply(em, { ...change, change: 'recovery_codes_made' }, async (tx, at) => {
      await tx.execute('delete from recovery_code where account_id = ?', [accountId]);
      for (const code of codes)
        await tx.execute('insert into recovery_code (hash, account_id, created_at) values (?, ?, ?)', [
          hashOf({ accountId, code }),
          accountId,
          at,
        ]);
      return undefined;
    });
    return made.ok ? codes : [];
  }

  /** Uses it up: of many at once one gets it. Case, spaces, hyphens and look-alike letters do not matter. */
  async function use(em: EntityManager, presented: Presented): Promise<boolean> {
    const { accountId } = presented;
    return em.transactional(async (tx) => {
      const used = await tx.execute<unknown[]>('delete from recovery_code where hash = ? returning hash', [
        hashOf(presented),
      ]);
      if (used.length === 0) return false;
      const detail = { left: await left(tx, accountId) };
      recordEvent(tx, { at: now(), actor: accountId, action: 'recovery_codes.used', accountId, detail });
      return true;
    });
  }

  async function left(em: EntityManager, accountId: string): Promise<number> {
    const rows = await em.execute<{ left: number }[]>(
      'select count(*)::int as left from recovery_code where account_id = ?',
      [accountId],
    );
    return rows[0]?.left ?? 0;
  }

  function hashOf({ accountId, code }: Presented): string {
    const typed = code.toLowerCase().replace(/[^a-z0-9]/g, '');
    return keyedHash(
      'recovery_code',
      accountId,
      typed.replace(/[oil]/g, (letter) => lookalikes[letter] ?? letter),
    );
  }
}

function newCode(): string {
  const letters = Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join('');
  return letters.replace(/.{4}(?=.)/g, '$&-');
}
