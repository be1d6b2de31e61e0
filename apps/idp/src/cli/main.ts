import { Command, CommanderError } from 'commander';
import { addAdmin } from './admin.ts';
import { addBan } from './ban.ts';
import { addClients } from './clients.ts';
import { explain } from './failure.ts';
import { addKeys } from './keys.ts';
import { addMigrate } from './migrate.ts';
import { exitCodes } from './output.ts';
import { addSeed } from './seed.ts';
import { addSessions } from './sessions.ts';
import { addUnban } from './unban.ts';

const program = new Command('portcullis')
  .description('The operator’s side of the identity provider. Reads DATABASE_URL, REDIS_URL and ENCRYPTION_KEY.')
  .option('--verbose', 'show where an error came from')
  .addHelpText('after', '\nExit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 recorded but not yet everywhere.')
  .showHelpAfterError('(--help explains)')
  .exitOverride();

for (const add of [addMigrate, addSeed, addClients, addKeys, addBan, addUnban, addSessions, addAdmin]) add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage; // what is wrong has been printed
  } else {
    process.stderr.write(`${explain(error)}\n`);
    if (program.opts<{ verbose?: boolean }>().verbose) console.error(error);
    process.exitCode = exitCodes.failed;
  }
}
