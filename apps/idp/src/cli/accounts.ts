import { createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { importAccounts } from '#accounts/import.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { seedAccounts } from '#accounts/seeding.ts';
import { addChangesTo } from './account-changes.ts';
import { addFactorResetTo } from './factor-reset.ts';
import { openDatabase } from './database.ts';
import { demoPassword, mayHoldDemo } from './demo.ts';
import { Refusal } from './failure.ts';
import { count, say } from './output.ts';
import { createProgress } from './progress.ts';

type Format = 'csv' | 'ndjson';

export function addTo(program: Command): void {
  const accounts = program.command('accounts').description('accounts, one by one and by the thousand');
  addChangesTo(accounts);
  addFactorResetTo(accounts);

  accounts
    .command('import')
    .description('create accounts from a CSV or NDJSON file; interrupted, the same command goes on where it stopped')
    .argument('<file>')
    .addOption(new Option('--format <format>', 'unless the file name says it').choices(['csv', 'ndjson']))
    .option('--rejects <file>', 'for the lines that became no account, as NDJSON; otherwise standard error')
    .action(async (file: string, { format = formatOf(file), rejects }: { format?: Format; rejects?: string }) => {
      await using database = await openDatabase();
      const progress = createProgress();
      const rejected = rejects === undefined ? process.stderr : createWriteStream(rejects, { flags: 'a' });
      const result = await importAccounts({
        file,
        format,
        pool: database.pool,
        rejects: rejected,
        onProgress: (at) => progress.show(`${count(at.linesDone)} lines, ${count(at.rejected)} rejected`),
      });
      progress.end();
      if (rejected !== process.stderr) await finished(rejected.end());
      say(`Imported ${count(result.imported)} accounts; ${count(result.rejected)} lines rejected.`);
    });

  accounts
    .command('seed')
    .description('make person-1@load.example … person-<count>@load.example, for measuring at size')
    .argument('<count>', 'how many', parseCount)
    .option('--force', 'even with NODE_ENV=production')
    .action(async (wanted: number, { force = false }: { force?: boolean }) => {
      if (!mayHoldDemo(force))
        throw new Refusal(
          'NODE_ENV is production, and anybody knows the password of these accounts. Nothing was done.',
        );
      await using database = await openDatabase();
      const progress = createProgress();
      const made = await seedAccounts({
        pool: database.pool,
        count: wanted,
        passwordHash: await createPasswords().hash(demoPassword),
        onProgress: (done) => progress.show(`${count(done)} of ${count(wanted)}`),
      });
      progress.end();
      say(`Made ${count(made)} accounts; ${count(wanted - made)} were there.`);
    });
}

function formatOf(file: string): Format {
  const extension = extname(file).toLowerCase();
  if (extension === '.csv') return 'csv';
  if (extension === '.ndjson' || extension === '.jsonl') return 'ndjson';
  throw new Refusal(`${file}: say --format csv or --format ndjson.`);
}

function parseCount(written: string): number {
  const wanted = Number(written.replaceAll(/[_,]/g, ''));
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 100_000_000)
    throw new InvalidArgumentError('Say a whole number, such as 1000000.');
  return wanted;
}
