import { InvalidArgumentError, type Command } from 'commander';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { BanRefusal } from '#bans/service.ts';
import { Client } from '#clients/entity.ts';
import { findAccount } from './account.ts';
import { Refusal } from './failure.ts';
import { minute, say, sayDelivery } from './output.ts';
import { actor } from './database.ts';
import { openLedger } from './ledger.ts';

type Options = { reason: string; message?: string; until?: Date; client?: string[] };

export function addTo(program: Command): void {
  program
    .command('ban')
    .description('shut an account out; tokens it already has are refused from now on')
    .argument('<email>')
    .requiredOption('--reason <text>', 'why; internal')
    .option('--message <text>', 'what the person reads at the next sign-in')
    .option('--until <when>', 'lifts by itself: 2h, 7d, 2026-12-31 or 2026-12-31T18:00Z (UTC)', (written: string) =>
      parseUntil(written),
    )
    .option('--client <id...>', 'only from these applications')
    .action(async (email: string, { reason, message, until, client }: Options) => {
      await using open = await openLedger();
      const account = await findAccount(open.em, email);
      if (client) await refuseUnknown(open.em, client);
      const result = await open.bans.ban(open.em, {
        accountId: account.id,
        reason,
        actor: actor(),
        ...(message === undefined ? {} : { message }),
        ...(until === undefined ? {} : { until }),
        ...(client === undefined ? {} : { clientIds: client }),
      });
      if (!result.ok) throw new Refusal(refusals[result.reason]);
      const where = client ? `from ${client.join(', ')}` : 'everywhere';
      say(
        `${account.email} is banned ${where}, ${result.ban.until ? `until ${minute(result.ban.until)}` : 'until lifted'}.`,
      );
      sayDelivery(result.delivery);
    });
}

const refusals = {
  until_is_past: 'That time is past: --until must lie ahead.',
  last_admin: 'That is the last administrator: make another one first.',
  cannot_ban_self: 'Nobody can ban themselves.',
  actor_cut_off: 'Whoever asks for this is no administrator any more.',
} satisfies Record<BanRefusal, string>;

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A length from now, or a moment; a date without a time of day is midnight UTC. */
export function parseUntil(written: string, now = Date.now()): Date {
  const [, amount, unit] = /^(\d{1,6})([mhdw])$/.exec(written) ?? [];
  if (amount !== undefined && unit !== undefined)
    return new Date(now + Number(amount) * unitMs[unit as keyof typeof unitMs]);
  const zone = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(written);
  const at = new Date(zone?.[1] !== undefined && zone[4] === undefined ? `${written}Z` : written);
  if (!zone || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('Say 30m, 2h, 7d, 2w, 2026-12-31 or 2026-12-31T18:00Z.');
  return at;
}

async function refuseUnknown(em: EntityManager, ids: string[]): Promise<void> {
  const known = new Set((await em.find(Client, { id: ids })).map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length) throw new Refusal(`There is no client ${unknown.join(', ')}.`);
}
