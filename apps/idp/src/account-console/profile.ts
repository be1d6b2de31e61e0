import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import { PersonName } from '#accounts/person-name.ts';
import { record } from '#audit/service.ts';
import { locales } from '@portcullis/ui';
import { z } from 'zod';

/** What a person may say of oneself; `locale` empty: as the browser asks. */
export const Profile = z.strictObject({
  name: PersonName,
  locale: z.enum(['', ...locales]).transform((locale) => locale || null),
});

export function createProfiles({ now }: { now: () => Date }) {
  return { change };

  async function change(
    em: EntityManager,
    accountId: string,
    { name, locale }: z.infer<typeof Profile>,
  ): Promise<void> {
    await em.transactional(async (tx) => {
      const account = await tx.findOneOrFail(Account, { id: accountId }, { refresh: true });
      const changed = [account.name !== name && 'name', account.locale !== locale && 'locale'].filter(Boolean);
      if (changed.length === 0) return;
      tx.assign(account, { name, locale });
      record(tx, { at: now(), actor: accountId, action: 'account.profile_changed', accountId, detail: { changed } });
    });
  }
}
export type Profiles = ReturnType<typeof createProfiles>;
