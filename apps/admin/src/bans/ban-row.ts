import type { Ban } from '@portcullis/contracts';
import type { AdminWords } from '#i18n/messages.ts';
import { type Moment, moment, momentOrNull } from '#pages/moment.ts';

export type BanRow = {
  id: string;
  href: string;
  account: { label: string; email: string | null; href: string };
  where: string;
  reason: string;
  message: string | null;
  bannedAt: Moment;
  bannedBy: { label: string; href: string | null };
  until: Moment | null;
  liftedAt: Moment | null;
  liftedBy: { label: string; href: string | null };
  state: { label: string; tone: 'danger' | 'success' | '' };
  inForce: boolean;
};

const TONES = { in_force: 'danger', lifted: 'success', expired: '' } as const;

export function banRow(words: AdminWords, ban: Ban): BanRow {
  const { t } = words;
  const { id, account } = ban;
  return {
    id,
    href: `/bans/${id}`,
    account: {
      label: account.name ?? account.email ?? t('pages.deleted_account'),
      email: account.email,
      href: `/accounts/${account.id}`,
    },
    where: ban.clientIds === null ? t('bans.everywhere') : ban.clientIds.join(', '),
    reason: ban.reason,
    message: ban.message,
    bannedAt: moment(words, ban.bannedAt),
    bannedBy: personLabel(words, ban.bannedBy, ban.bannedByName),
    until: momentOrNull(words, ban.until),
    liftedAt: momentOrNull(words, ban.liftedAt),
    liftedBy: personLabel(words, ban.liftedBy, ban.liftedByName),
    state: { label: t(`bans.state_${ban.state}`), tone: TONES[ban.state] },
    inForce: ban.state === 'in_force',
  };
}

function personLabel(
  { t }: AdminWords,
  who: string | null,
  name: string | null,
): { label: string; href: string | null } {
  if (who === null) return { label: t('pages.the_system'), href: null };
  if (who.startsWith('cli:')) return { label: t('pages.at_command_line', { name: who.slice(4) }), href: null };
  return { label: name ?? t('pages.deleted_account'), href: `/accounts/${who}` };
}
