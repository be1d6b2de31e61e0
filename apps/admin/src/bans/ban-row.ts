import type { Ban } from '@portcullis/contracts';
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

const STATES = {
  in_force: { label: 'in force', tone: 'danger' },
  lifted: { label: 'lifted', tone: 'success' },
  expired: { label: 'over', tone: '' },
} as const;

export function banRow(ban: Ban): BanRow {
  const { id, account } = ban;
  return {
    id,
    href: `/bans/${id}`,
    account: {
      label: account.name ?? account.email ?? 'a deleted account',
      email: account.email,
      href: `/accounts/${account.id}`,
    },
    where: ban.clientIds === null ? 'everywhere' : ban.clientIds.join(', '),
    reason: ban.reason,
    message: ban.message,
    bannedAt: moment(ban.bannedAt),
    bannedBy: personLabel(ban.bannedBy, ban.bannedByName),
    until: momentOrNull(ban.until),
    liftedAt: momentOrNull(ban.liftedAt),
    liftedBy: personLabel(ban.liftedBy, ban.liftedByName),
    state: STATES[ban.state],
    inForce: ban.state === 'in_force',
  };
}

function personLabel(who: string | null, name: string | null): { label: string; href: string | null } {
  if (who === null) return { label: 'the system', href: null };
  if (who.startsWith('cli:')) return { label: `${who.slice(4)} at the command line`, href: null };
  return { label: name ?? 'a deleted account', href: `/accounts/${who}` };
}
