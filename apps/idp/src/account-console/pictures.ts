import { randomBytes } from 'node:crypto';
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import { record } from '#audit/service.ts';
import { AccountPicture } from './picture-entity.ts';
import { readPicture } from './picture-format.ts';

export const maxPictureBytes = 512 * 1024;
const pixels = { min: 16, max: 4096 };

export type PictureRefusal = 'missing' | 'too_large' | 'not_an_image' | 'dimensions';
export type Pictures = ReturnType<typeof createPictures>;

/** Where a picture is: for whoever has the address, which nobody can guess and a new picture changes. */
export function picturePath(id: string): string {
  return `/pictures/${id}`;
}

export function createPictures({ now }: { now: () => Date }) {
  return { keep, remove, find };

  /** Takes the place of the one before. */
  async function keep(
    em: EntityManager,
    { accountId, bytes }: { accountId: string; bytes: Buffer },
  ): Promise<{ ok: true } | { ok: false; reason: PictureRefusal }> {
    if (bytes.length === 0) return { ok: false, reason: 'missing' };
    if (bytes.length > maxPictureBytes) return { ok: false, reason: 'too_large' };
    const picture = readPicture(bytes);
    if (!picture) return { ok: false, reason: 'not_an_image' };
    const sides = [picture.width, picture.height];
    if (sides.some((side) => side < pixels.min || side > pixels.max)) return { ok: false, reason: 'dimensions' };
    await em.transactional(async (tx) => {
      const account = await tx.findOneOrFail(
        Account,
        { id: accountId },
        { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
      );
      await tx.nativeDelete(AccountPicture, { account: accountId });
      account.picture = randomBytes(32).toString('base64url');
      tx.create(AccountPicture, {
        id: account.picture,
        account,
        type: picture.type,
        bytes: picture.bytes,
        createdAt: now(),
      });
      record(tx, { at: now(), actor: accountId, action: 'account.picture_changed', accountId });
    });
    return { ok: true };
  }

  async function remove(em: EntityManager, accountId: string): Promise<void> {
    await em.transactional(async (tx) => {
      const account = await tx.findOneOrFail(
        Account,
        { id: accountId },
        { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
      );
      if (account.picture === null) return;
      await tx.nativeDelete(AccountPicture, { account: accountId });
      account.picture = null;
      record(tx, { at: now(), actor: accountId, action: 'account.picture_removed', accountId });
    });
  }

  async function find(em: EntityManager, id: string): Promise<Pick<AccountPicture, 'type' | 'bytes'> | null> {
    return em.findOne(AccountPicture, { id });
  }
}
