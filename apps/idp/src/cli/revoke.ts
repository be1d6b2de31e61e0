import { InvalidArgumentError, type Command } from 'commander';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { Client } from '#clients/entity.ts';
import { createRevoking, type Revocable } from '#revocations/by-hand.ts';
import { createEveryone } from '#revocations/everyone.ts';
import { findAccount } from './account.ts';
import { confirm } from './confirmation.ts';
import { actor } from './database.ts';
import { Refusal } from './failure.ts';
import { openLedger } from './ledger.ts';
import { parsePast } from './moment.ts';
import { count, say, sayDelivery } from './output.ts';
import { createProgress } from './progress.ts';

type Options = {
  reason: string;
  token?: TokenClaims;
  jti?: string;
  session?: string;
  account?: string;
  client?: string;
  everyoneBefore?: Date;
  yes?: boolean;
};
type TokenClaims = { jti: string; sub?: string | undefined };
type Open = Awaited<ReturnType<typeof openLedger>>;

export function addTo(program: Command): void {
  program
    .command('revoke')
    .description('refuse tokens everywhere from now on, and end what would bring new ones without a sign-in')
    .requiredOption('--reason <text>', 'why; for the audit log')
    .option('--token <jwt>', 'this access token alone', parseToken)
    .option('--jti <id>', 'the access token with this jti alone')
    .option('--session <id>', 'a session, as `sessions list` names it, or the `sid` of a token')
    .option('--account <email>', 'everything an account has; with --client at that application only')
    .option('--client <id>', 'everything an application has, of everybody')
    .option(
      '--everyone-before <when>',
      'everybody who signed in before: now, 2h ago as 2h, or 2026-12-31T18:00Z',
      (written) => parsePast(written),
    )
    .option('--yes', 'without asking, for --everyone-before and for --client alone')
    .addHelpText(
      'after',
      '\nNobody is shut out: whoever may sign in can do so again. That is what ban and disable are for.',
    )
    .action(async (options: Options) => {
      await using open = await openLedger();
      const { reason, everyoneBefore: at, yes = false } = options;
      if (chosen(options) === 'everyoneBefore' && at) return await endEveryone(open, { at, reason, yes });
      const { target, said, accountId } = await targetOf(open, options);
      if (target.kind === 'client') await confirm(`Everybody will be signed out of ${target.clientId}.`, yes);
      const delivery = await createRevoking({ ledger: open.ledger }).revoke(open.em, {
        target,
        reason,
        actor: actor(),
        ...(accountId === undefined ? {} : { accountId }),
      });
      say(`Revoked: ${said}.`);
      sayDelivery(delivery);
    });
}

const kinds = ['token', 'jti', 'session', 'account', 'client', 'everyoneBefore'] as const;

function chosen(options: Options): (typeof kinds)[number] {
  const given = kinds.filter((kind) => options[kind] !== undefined);
  const [first, second] = given;
  if (first === 'account' && second === 'client' && given.length === 2) return 'account';
  if (!first || second)
    throw new Refusal(
      'Say one: --token, --jti, --session, --account (with --client if you like), --client or --everyone-before.',
    );
  return first;
}

async function targetOf(
  { em }: Open,
  options: Options,
): Promise<{ target: Revocable; said: string; accountId?: string }> {
  const { token, jti = token?.jti, session: sid, account: email, client: clientId } = options;
  if (clientId !== undefined && !(await em.findOne(Client, clientId)))
    throw new Refusal(`There is no client ${clientId}.`);
  if (email !== undefined) {
    const { id: sub, email: written } = await findAccount(em, email);
    return clientId === undefined
      ? { target: { kind: 'account', sub }, said: `everything of ${written}` }
      : { target: { kind: 'account-at-client', sub, clientId }, said: `everything of ${written} at ${clientId}` };
  }
  if (clientId !== undefined) return { target: { kind: 'client', clientId }, said: `everything of ${clientId}` };
  if (sid !== undefined) return { target: { kind: 'session', sid }, said: `session ${sid}` };
  const accountId = z.uuid().safeParse(token?.sub).data;
  return {
    target: { kind: 'token', jti: jti ?? '' },
    said: `token ${jti}`,
    ...(accountId === undefined ? {} : { accountId }),
  };
}

async function endEveryone(open: Open, { at, reason, yes }: { at: Date; reason: string; yes: boolean }): Promise<void> {
  await confirm(`Everybody who signed in before ${at.toISOString()} will be signed out of everything.`, yes);
  const progress = createProgress();
  const result = await createEveryone({ ledger: open.ledger }).before(open.em, {
    at,
    reason,
    actor: actor(),
    onProgress: ({ sessions, grants }) => progress.show(`ended ${count(sessions)} sessions, ${count(grants)} grants`),
  });
  progress.end();
  if (!result.ok) throw new Refusal('That lies ahead: --everyone-before must be past, or now.');
  const { sessions, grants } = result.deleted;
  say(
    `Revoked: everything from before ${at.toISOString()}; ended ${count(sessions)} sessions and ${count(grants)} grants.`,
  );
  sayDelivery(result.delivery);
}

/** Whoever holds it can use it, so its signature does not matter here. */
function parseToken(written: string): TokenClaims {
  try {
    const { jti, sub, exp = Infinity } = decodeJwt(written);
    if (jti === undefined) throw new InvalidArgumentError('It has no jti.');
    if (exp * 1000 < Date.now()) throw new InvalidArgumentError('It has expired already.');
    return { jti, sub };
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    throw new InvalidArgumentError('It is no JWT.');
  }
}
