import { parseArgs } from 'node:util';
import { scenarioNames, type ScenarioName } from './scenarios.ts';

export type FlowOptions = {
  scenarios: ScenarioName[];
  rounds: number;
  seconds: number;
  concurrency: number;
  profile: string | undefined;
  json: boolean;
};
export type VerifyOptions = { rounds: number; seconds: number; concurrency: number; entries: number; json: boolean };
export type RevokeOptions = { mirrors: number; revocations: number; pace: number; entries: number; json: boolean };
export type Command =
  | { name: 'flow'; options: FlowOptions }
  | { name: 'verify'; options: VerifyOptions }
  | { name: 'revoke'; options: RevokeOptions };

export const usage = `usage: npm run bench -- flow   [--scenario NAME,…] [--rounds N] [--seconds N] [--concurrency N] [--profile FOLDER] [--json]
       npm run bench -- verify [--entries N] [--rounds N] [--seconds N] [--concurrency N] [--json]
       npm run bench -- revoke [--mirrors N] [--revocations N] [--pace N] [--entries N] [--json]

flow    our node and a bare oidc-provider under the same load in turn; scenarios: ${scenarioNames.join(', ')}
verify  token checks with revocation in one process against jose and Redis EXISTS
revoke  from publication to refusal and to receipt in many mirrors, --pace revocations a second, against bare subscribers;
        then one mirror of --entries revocations
--profile writes a CPU profile of each server into FOLDER; --json prints one JSON object and nothing else`;

/** An argument the command does not know, or a value it cannot use. */
export class UsageError extends Error {}

export function readCommand(args: string[]): Command {
  const [name, ...rest] = args;
  if (name === 'flow') return { name, options: flowOptions(rest) };
  if (name === 'verify') return { name, options: verifyOptions(rest) };
  if (name === 'revoke') return { name, options: revokeOptions(rest) };
  throw new UsageError(name === undefined ? 'which bench?' : `no bench is called ${name}`);
}

function flowOptions(args: string[]): FlowOptions {
  const values = parse(args, ['scenario', 'profile', 'rounds', 'seconds', 'concurrency']);
  return {
    scenarios: scenariosOf(values['scenario']),
    rounds: count(values, 'rounds', 9),
    seconds: count(values, 'seconds', 2),
    concurrency: count(values, 'concurrency', 8),
    profile: values['profile'],
    json: 'json' in values,
  };
}

function verifyOptions(args: string[]): VerifyOptions {
  const values = parse(args, ['entries', 'rounds', 'seconds', 'concurrency']);
  return {
    rounds: count(values, 'rounds', 5),
    seconds: count(values, 'seconds', 2),
    concurrency: count(values, 'concurrency', 8),
    entries: count(values, 'entries', 10_000),
    json: 'json' in values,
  };
}

function revokeOptions(args: string[]): RevokeOptions {
  const values = parse(args, ['mirrors', 'revocations', 'pace', 'entries']);
  return {
    mirrors: count(values, 'mirrors', 100),
    revocations: count(values, 'revocations', 1_000),
    pace: count(values, 'pace', 10),
    entries: count(values, 'entries', 1_000_000),
    json: 'json' in values,
  };
}

/** Every option takes a value, but `--json`. */
function parse(args: string[], names: string[]): Record<string, string | undefined> {
  const valued = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ args, options: { ...valued, json: { type: 'boolean' as const } } });
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function scenariosOf(list: string | undefined): ScenarioName[] {
  if (list === undefined) return [...scenarioNames];
  return list.split(',').map((wanted) => {
    const name = scenarioNames.find((known) => known === wanted);
    if (!name) throw new UsageError(`no scenario is called ${wanted}`);
    return name;
  });
}

function count(values: Record<string, string | undefined>, name: string, otherwise: number): number {
  const given = values[name];
  if (given === undefined) return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new UsageError(`--${name} takes a whole number above 0, not ${given}`);
  return Number(given);
}
