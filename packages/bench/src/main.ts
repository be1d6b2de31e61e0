import { benchFlow } from './flow.ts';
import { readCommand, usage, UsageError, type Command } from './options.ts';
import { flowTable, revokeTable, verifyTable } from './report.ts';
import { benchRevoke } from './revoke.ts';
import { benchVerify } from './verify.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1)); // ends the servers too
const progress = (line: string): void => console.error(line);

try {
  await run(readCommand(process.argv.slice(2)));
} catch (error) {
  const misused = error instanceof UsageError;
  console.error(misused ? `${error.message}\n\n${usage}` : error);
  process.exitCode = misused ? 2 : 1;
}

async function run({ name, options }: Command): Promise<void> {
  if (name === 'verify') {
    const result = await benchVerify(options, progress);
    return print(options.json ? JSON.stringify({ bench: name, ...result }) : verifyTable(result));
  }
  if (name === 'revoke') {
    const result = await benchRevoke(options, progress);
    return print(options.json ? JSON.stringify({ bench: name, ...result }) : revokeTable(result));
  }
  if (!process.env['DATABASE_URL']) throw new Error('DATABASE_URL is not set: `npm run bench` sets it');
  const { scenarios } = await benchFlow(options, progress);
  const ratio = Object.fromEntries(Object.entries(scenarios).map(([scenario, result]) => [scenario, result.ratio]));
  print(options.json ? JSON.stringify({ bench: name, ratio, scenarios }) : flowTable({ scenarios }));
}

function print(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}
