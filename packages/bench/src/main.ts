import { benchFlow } from './flow.ts';
import { readCommand, usage, UsageError, type Command } from './options.ts';
import { flowTable } from './report.ts';

const progress = (line: string): void => console.error(line);

try {
  await run(readCommand(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

async function run(command: Command): Promise<void> {
  if (command.name === 'verify') return;
  if (!process.env['DATABASE_URL']) throw new Error('DATABASE_URL is not set: `npm run bench` sets it');
  const result = await benchFlow(command.options, progress);
  const ratio = Object.fromEntries(Object.entries(result.scenarios).map(([name, it]) => [name, it.ratio]));
  console.info(command.options.json ? JSON.stringify({ bench: 'flow', ratio, ...result }) : flowTable(result));
}
