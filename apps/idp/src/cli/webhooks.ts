import { parseEnv, secret } from '@portcullis/config';
import { causes, type Cause } from '@portcullis/revocation';
import { InvalidArgumentError, type Command } from 'commander';
import { safeUrl } from '#clients/service.ts';
import { createDeliveries } from '#revocations/deliveries.ts';
import { createOutbox } from '#revocations/outbox.ts';
import { createSealer } from '#signing-keys/sealed.ts';
import { createWebhooks, type ChangeResult } from '#webhooks/service.ts';
import { actor, openDatabase } from './database.ts';
import { Refusal } from './failure.ts';
import { minute, say, sayJson, sayTable } from './output.ts';

export function addTo(program: Command): void {
  const webhooks = program.command('webhooks').description('addresses that are told of every revocation');

  webhooks
    .command('add')
    .description('a new one; its secret, which verifies signatures (Standard Webhooks), is shown this once')
    .argument('<name>')
    .argument('<url>', 'https (http only on loopback)', toUrl)
    .option('--cause <cause...>', 'only these; otherwise every cause', toCauses)
    .action(async (name: string, url: string, { cause }: { cause?: Cause[] }) => {
      await using open = await openWebhooks();
      const wanted = cause === undefined ? {} : { causes: cause };
      const result = await open.webhooks.add(open.em, { name, url, actor: actor(), ...wanted });
      if (!result.ok) throw new Refusal(`There is a webhook ${name} already.`);
      say(`${name} is told at ${url}. Its secret, not shown again:`);
      say(result.secret);
    });

  webhooks
    .command('list')
    .option('--json', 'for programs')
    .action(async ({ json }: { json?: boolean }) => {
      await using open = await openWebhooks();
      const found = (await open.webhooks.list(open.em)).map(({ name, url, causes: wanted, enabled, createdAt }) => ({
        name,
        url,
        causes: wanted,
        enabled,
        createdAt,
      }));
      if (json) return sayJson(found);
      sayTable(
        ['WEBHOOK', 'URL', 'CAUSES', 'STATE', 'CREATED'],
        found.map((webhook) => [
          webhook.name,
          webhook.url,
          webhook.causes?.join(', ') ?? 'all',
          webhook.enabled ? 'on' : 'paused',
          minute(webhook.createdAt),
        ]),
        'There is no webhook.',
      );
    });

  webhooks
    .command('remove')
    .argument('<name>')
    .action((name: string) =>
      change(name, (open) => open.webhooks.remove(open.em, { name, actor: actor() }), `${name} is told no more.`),
    );

  for (const [word, enabled] of [
    ['pause', false],
    ['resume', true],
  ] as const)
    webhooks
      .command(word)
      .description(enabled ? 'tell it again, of what happens from now on' : 'keep it, and tell it nothing')
      .argument('<name>')
      .action((name: string) =>
        change(
          name,
          (open) => open.webhooks.setEnabled(open.em, { name, enabled, actor: actor() }),
          enabled ? `${name} is told again.` : `${name} is paused.`,
        ),
      );

  webhooks
    .command('test')
    .description('send a webhook.ping; `webhooks deliveries` tells how it went')
    .argument('<name>')
    .action((name: string) => change(name, (open) => open.webhooks.ping(open.em, { name }), `A ping is under way.`));

  webhooks
    .command('deliveries')
    .description('what was sent to it, the newest first')
    .argument('<name>')
    .option('--limit <n>', 'at most this many', Number, 50)
    .option('--json', 'for programs')
    .action(async (name: string, { limit, json }: { limit: number; json?: boolean }) => {
      await using open = await openWebhooks();
      const found = await open.deliveries.latestTo('webhook', name, limit);
      if (json) return sayJson(found);
      sayTable(
        ['DELIVERY', 'CREATED', 'STATE', 'TRIES', 'NEXT TRY', 'LAST ERROR'],
        found.map((delivery) => [
          delivery.id,
          minute(delivery.createdAt),
          delivery.state,
          String(delivery.attempts),
          delivery.nextAttemptAt ? minute(delivery.nextAttemptAt) : '',
          delivery.lastError ?? '',
        ]),
        `Nothing was sent to ${name}.`,
      );
    });
}

async function change(
  name: string,
  act: (open: Awaited<ReturnType<typeof openWebhooks>>) => Promise<ChangeResult>,
  done: string,
): Promise<void> {
  await using open = await openWebhooks();
  const result = await act(open);
  if (!result.ok) throw new Refusal(`There is no webhook ${name}.`);
  say(done);
}

function toUrl(written: string): string {
  const result = safeUrl.safeParse(written);
  if (!result.success) throw new InvalidArgumentError('The URL must be https (http only on loopback).');
  return result.data;
}

function toCauses(written: string, before: Cause[] = []): Cause[] {
  const cause = causes.find((known) => known === written);
  if (!cause) throw new InvalidArgumentError(`Causes are ${causes.join(', ')}.`);
  return [...before, cause];
}

async function openWebhooks() {
  const { ENCRYPTION_KEY } = parseEnv({ ENCRYPTION_KEY: secret(32) }, process.env);
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await openDatabase());
  const outbox = opened.use(createOutbox({ pool: database.pool, log: { warn: () => {} } }));
  const owned = opened.move();
  return {
    em: database.em,
    webhooks: createWebhooks({ sealer: createSealer(ENCRYPTION_KEY), outbox: outbox.deliveries }),
    deliveries: createDeliveries({ pool: database.pool }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
