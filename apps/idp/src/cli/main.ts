import { Command, CommanderError } from 'commander';
import { explain, Refusal } from './failure.ts';
import { exitCodes } from './output.ts';

/** Loaded by name, so that a command starts with no more than it needs. */
const commands = {
  migrate: () => import('./migrate.ts'),
  seed: () => import('./seed.ts'),
  clients: () => import('./clients.ts'),
  keys: () => import('./keys.ts'),
  ban: () => import('./ban.ts'),
  unban: () => import('./unban.ts'),
  revoke: () => import('./revoke.ts'),
  sessions: () => import('./sessions.ts'),
  accounts: () => import('./accounts.ts'),
  admin: () => import('./admin.ts'),
  audit: () => import('./audit.ts'),
  doctor: () => import('./doctor.ts'),
  webhooks: () => import('./webhooks.ts'),
} satisfies Record<string, () => Promise<{ addTo: (program: Command) => void }>>;

const program = new Command('portcullis')
  .description('The operator’s side of the identity provider. Reads DATABASE_URL, REDIS_URL and ENCRYPTION_KEY.')
  .addHelpText('after', '\nExit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 recorded but not yet everywhere.')
  .showHelpAfterError('(--help explains)')
  .exitOverride();

try {
  const named = Object.entries(commands).filter(([name]) => name === process.argv[2]);
  for (const [, load] of named.length ? named : Object.entries(commands)) (await load()).addTo(program);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage; // what is wrong has been printed
  } else {
    process.stderr.write(`${explain(error)}\n`);
    if (process.env['PORTCULLIS_TRACE']) console.error(error);
    process.exitCode = error instanceof Refusal ? error.exitCode : exitCodes.failed;
  }
}
