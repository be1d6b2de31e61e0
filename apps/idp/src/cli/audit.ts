import { setTimeout as delay } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { createAuditTrail, type AuditFilter, type AuditLine } from '#audit/trail.ts';
import { findAccount } from './account.ts';
import { openDatabase } from './database.ts';
import { parsePast } from './moment.ts';
import { say } from './output.ts';

type Options = {
  account?: string;
  client?: string;
  action?: string;
  actor?: string;
  since?: Date;
  until?: Date;
  limit: number;
  json?: boolean;
  follow?: boolean;
};

const past = 'now, 2h ago as 2h, or 2026-12-31T18:00Z';

export function addTo(program: Command): void {
  program
    .command('audit')
    .description('who did what to whom, oldest first')
    .option('--account <email>', 'done to this account')
    .option('--client <id>', 'at this application')
    .option('--action <name>', 'such as ban.created; a name before a dot stands for all of them: ban')
    .option('--actor <who>', 'an account id, or cli:<name>')
    .option('--since <when>', past, (written: string) => parsePast(written))
    .option('--until <when>', past, (written: string) => parsePast(written))
    .option('--limit <count>', 'the latest so many', parseLimit, 100)
    .option('--json', 'one JSON object a line')
    .option('--follow', 'go on with what happens from now on, until interrupted')
    .action(async ({ account, json = false, follow = false, limit, ...given }: Options) => {
      await using database = await openDatabase();
      const accountId = account === undefined ? undefined : (await findAccount(database.em, account)).id;
      const filter: AuditFilter = { ...given, ...(accountId === undefined ? {} : { accountId }) };
      const trail = createAuditTrail(database.pool);
      const show = (line: AuditLine): void => say(json ? JSON.stringify(line) : sentence(line));
      for (const line of await trail.latest(filter, limit)) show(line);
      if (!follow) return;
      for await (const line of trail.follow(filter, () => delay(followEveryMs))) show(line);
    });
}

const followEveryMs = 500;

function sentence({ at, actor, action, account, accountId, clientId, detail }: AuditLine): string {
  const to = [account ?? accountId, clientId && `at ${clientId}`].filter((part) => part !== null && part !== '');
  const more = Object.keys(detail).length ? JSON.stringify(detail) : '';
  return [at.toISOString(), actor ?? 'system', action, ...to, more].join('  ').trimEnd();
}

function parseLimit(written: string): number {
  const limit = Number(written);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000)
    throw new InvalidArgumentError('Say a whole number up to 100000.');
  return limit;
}
