import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Client } from '#clients/entity.ts';
import { applyClients, ClientDeclaration } from '#clients/service.ts';
import { raiseConfigurationVersion } from '#database/configuration-version.ts';
import { examine, NotExaminable, type Canary, type Finding, type OwnClient } from '#doctor/examination.ts';
import { creationRefusals, openAccountCreation } from './account-creation.ts';
import { actor } from './database.ts';
import { Refusal } from './failure.ts';
import { openAccountChanges, openLedger } from './ledger.ts';
import { exitCodes, say, sayJson } from './output.ts';

type Options = {
  path?: string;
  signIn?: string;
  api?: URL;
  resource: string;
  role: string[];
  within: number;
  json?: boolean;
};
type Open = Awaited<ReturnType<typeof openLedger>>;

export function addTo(program: Command): void {
  program
    .command('doctor')
    .description('time how long an application goes on accepting somebody who has been banned')
    .argument('<app-url>', 'where people find the application', parseUrl)
    .option('--path <path>', 'a page that needs a session or names the person; otherwise the address itself')
    .option('--sign-in <path>', 'where its sign-in begins, when there is no link to it: it is looked for on the page')
    .option('--api <url>', 'also time an API that takes a bearer token by GET', parseUrl)
    .option('--resource <uri>', 'the audience of that API', 'urn:portcullis:family')
    .option('--role <role...>', 'what the canary must be to see the page or the API', [])
    .option('--within <time>', 'the bound: 500ms, 5s', parseDuration, 5000)
    .option('--json', 'the findings, for programs')
    .addHelpText(
      'after',
      `
A canary account is made, signs in at the application as anybody would, over HTTP with a cookie jar, is banned, and
is deleted in the end; for --api there is a client for as long. Nothing but the address of the application is needed.
Exit codes: 0 refused within the bound, 1 still accepted after it, 2 wrong usage, 4 the canary could not sign in.`,
    )
    .action(async (app: URL, options: Options) => {
      const findings = await examined(app, options);
      if (options.json) sayJson(findings);
      else for (const finding of findings) say(sentence(finding));
      if (findings.some((finding) => kept(finding, options.within))) process.exitCode = exitCodes.failed;
    });
}

async function examined(
  app: URL,
  { path, signIn, api, resource, role, within, json = false }: Options,
): Promise<Finding[]> {
  await using open = await openLedger();
  await using canary = await makeCanary(open, role);
  await using client = ownClient(open, resource);
  const step = (line: string): void => void (json ? process.stderr : process.stdout).write(`✓ ${line}\n`);
  const interrupted = new Promise<never>((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'])
      process.once(signal, () => reject(new Refusal('Interrupted; the canary is deleted.')));
  });
  try {
    const examination = examine({
      patient: {
        app,
        page: new URL(path ?? '', app),
        ...(signIn === undefined ? {} : { signIn: new URL(signIn, app) }),
        ...(api === undefined ? {} : { api }),
      },
      canary,
      withinMs: within,
      ownClient: client.make,
      ban: async () => {
        const banned = await open.bans.ban(open.orm.em.fork(), {
          accountId: canary.id,
          reason: 'doctor',
          actor: actor(),
        });
        if (!banned.ok) throw new Refusal(`The canary could not be banned: ${banned.reason}.`);
        if (banned.delivery === 'pending') process.stderr.write('Redis did not take the ban; the nodes repeat it.\n');
      },
      say: step,
    });
    return await Promise.race([examination, interrupted]);
  } catch (error) {
    throw error instanceof NotExaminable
      ? new Refusal(error.message, { exitCode: exitCodes.notSignedIn, cause: error })
      : error;
  }
}

async function makeCanary(open: Open, roles: string[]): Promise<Canary & { id: string } & AsyncDisposable> {
  const mark = randomBytes(4).toString('hex');
  const canary = {
    email: `canary-${mark}@doctor.invalid`,
    name: `Canary ${mark}`,
    password: randomBytes(24).toString('base64url'),
  };
  await using accounts = await openAccountCreation();
  const made = await accounts.create(accounts.em, { ...canary, roles, emailVerified: true, actor: actor() });
  if (!made.ok) throw new Refusal(`${canary.email} ${creationRefusals[made.reason]}`);
  const { id } = made.account;
  const changes = openAccountChanges(open);
  return {
    ...canary,
    id,
    [Symbol.asyncDispose]: async () =>
      void (await changes.remove(open.orm.em.fork(), { accountId: id, actor: actor() })),
  };
}

/** Made only when it is asked for. */
function ownClient({ ledger, orm }: Open, resource: string): { make: () => Promise<OwnClient> } & AsyncDisposable {
  const id = `doctor-${randomBytes(4).toString('hex')}`;
  const redirectUri = 'https://doctor.invalid/callback'; // never followed: the code is taken from the redirect
  let made = false;
  return {
    async make() {
      made = true;
      const declaration = ClientDeclaration.parse({
        id,
        name: 'Portcullis doctor',
        firstParty: true,
        type: 'public',
        redirectUris: [redirectUri],
        grantTypes: ['authorization_code'],
        scope: 'openid family',
        resources: [resource],
      });
      await applyClients(orm.em.fork(), [declaration], { env: {}, ledger, actor: actor() });
      return { id, redirectUri, resource };
    },
    async [Symbol.asyncDispose]() {
      if (made) await orm.em.fork().transactional((em) => removeClient(em, id));
    },
  };
}

async function removeClient(em: EntityManager, id: string): Promise<void> {
  await em.nativeDelete(Client, { id });
  await raiseConfigurationVersion(em);
}

function kept({ stillAccepted, acceptedMs }: Finding, withinMs: number): boolean {
  return stillAccepted || (acceptedMs ?? 0) > withinMs;
}

function sentence({ what, url, requests, acceptedMs, stillAccepted, refusedWith }: Finding): string {
  const asked = `${requests} requests`;
  if (stillAccepted) return `✗ ${what} ${url}: still accepted ${milliseconds(acceptedMs)} after the ban (${asked})`;
  const until =
    acceptedMs === null
      ? 'refused from the first request after the ban on'
      : `refused ${milliseconds(acceptedMs)} after the ban`;
  return `✓ ${what} ${url}: ${until}, with ${refusedWith} (${asked})`;
}

function milliseconds(time: number | null): string {
  return `${Math.ceil(time ?? 0)} ms`;
}

function parseUrl(written: string): URL {
  const url = URL.parse(written);
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new InvalidArgumentError('Say an address: https://…');
  return url;
}

function parseDuration(written: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(written) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('Say 500ms or 5s.');
  return Number(amount) * (unit === 's' ? 1000 : 1);
}
