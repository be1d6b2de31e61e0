/** The part of a node that sends, over the stores of a cluster, and applications with an address to send to. */
import { randomUUID } from 'node:crypto';
import { Secret } from '@portcullis/config';
import { unique } from '@portcullis/testing';
import { decodeJwt, type JWTPayload } from 'jose';
import { createClientDirectory } from '#clients/directory.ts';
import { applyClients, ClientDeclaration } from '#clients/service.ts';
import { createBackgroundPool } from '#database/orm.ts';
import { createBackchannelLogout } from '#revocations/backchannel-logout.ts';
import { startDeliveries } from '#revocations/deliveries-worker.ts';
import { createDeliveries, type DeliveryReport } from '#revocations/deliveries.ts';
import { createOutbox } from '#revocations/outbox.ts';
import { createJwtSigner } from '#signing-keys/jwt-signer.ts';
import { createSealer } from '#signing-keys/sealed.ts';
import { createSigningKeys } from '#signing-keys/service.ts';
import { createWebhookSender } from '#webhooks/sender.ts';
import { createWebhooks } from '#webhooks/service.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { startReceiver } from './receiver.ts';

const issuer = 'https://login.example';
export const encryptionKey = 'a key for tests that is long enough';

/** What is in the logout token of a request. */
export function logoutClaims({ body }: { body: string }): JWTPayload {
  return decodeJwt(new URLSearchParams(body).get('logout_token') ?? '');
}

/** Stores, whoever is sent to, and the part that sends. */
export async function openSendingHouse() {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await startCluster());
  const receiver = opened.use(await startReceiver());
  const sending = opened.use(await openSending(cluster));
  const owned = opened.move();
  return { cluster, receiver, sending, listening, [Symbol.asyncDispose]: () => owned.disposeAsync() };

  /** A new application that can be told that its sessions end, and where it is told. */
  async function listening() {
    const path = `/${randomUUID()}`;
    return { path, id: await sending.application({ backchannelLogoutUri: receiver.url(path) }) };
  }
}

export async function openSending(cluster: Cluster) {
  await using opened = new AsyncDisposableStack();
  const sealer = createSealer(new Secret(encryptionKey));
  const keys = createSigningKeys({ sealer });
  await keys.ensure(cluster.em());
  const signer = createJwtSigner({ issuer, published: () => keys.published(cluster.em()) });
  await signer.reload();
  const clients = createClientDirectory(cluster.pool);
  const deliveries = createDeliveries({ pool: cluster.pool });
  const outbox = opened.use(createOutbox({ pool: cluster.pool, log: { warn: () => {} } }));
  const { ledger } = cluster.node();
  const nodes: AsyncDisposable[] = [];
  opened.defer(stopNodes);
  const owned = opened.move();

  return {
    deliveries,
    webhooks: createWebhooks({ sealer, outbox: outbox.deliveries }),
    outbox: outbox.deliveries,
    signer,
    application,
    endSession,
    end,
    report,
    start,
    stopNodes,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  /** A new client; known to every sender when this returns. */
  async function application(over: Partial<ClientDeclaration> = {}): Promise<string> {
    const id = unique('application');
    const declaration = ClientDeclaration.parse({
      id,
      name: id,
      firstParty: true,
      type: 'public',
      idTokenSigningAlg: 'ES256',
      ...over,
    });
    await applyClients(cluster.em(), [declaration], { env: {}, ledger, actor: null });
    await clients.reload();
    return id;
  }

  /** Ends a session of somebody new at the application; the entry's id. */
  async function endSession(clientId: string): Promise<string> {
    return end((await cluster.signedIn(undefined, clientId)).uid);
  }

  async function end(uid: string): Promise<string> {
    const target = { kind: 'session', sid: uid } as const;
    return cluster.em().transactional(async (em) => {
      const entry = { target, cause: 'session_ended', issuedBefore: null, actor: null } as const;
      return (await ledger.record(em, entry)).id;
    });
  }

  /** The one delivery of an entry. */
  async function report(entry: string): Promise<DeliveryReport> {
    const [only] = await deliveries.of([entry]);
    if (!only) throw new Error('there is no such delivery');
    return only;
  }

  async function stopNodes(): Promise<void> {
    for (const node of nodes.splice(0)) await node[Symbol.asyncDispose]();
  }

  /** One more node that sends, until it is disposed or `stopNodes` is called. */
  function start({ url = cluster.databaseUrl }: { url?: string } = {}) {
    const told: string[] = [];
    const log = {
      info: (_details: object, message: string) => void told.push(message),
      warn: (_details: object, message: string) => void told.push(message),
    };
    const parts = new AsyncDisposableStack();
    const pool = parts.adopt(createBackgroundPool({ url, poolSize: 3 }), (o) => o.end());
    const ownOutbox = parts.use(createOutbox({ pool, log }));
    const senders = {
      backchannel_logout: createBackchannelLogout({ clients, signer }),
      webhook: createWebhookSender({ pool, sealer }),
    };
    const running = parts.use(
      startDeliveries({ outbox: ownOutbox.deliveries, deliveries: createDeliveries({ pool }), senders, log }),
    );
    nodes.push(parts);
    return { told, status: running.status, [Symbol.asyncDispose]: () => parts.disposeAsync() };
  }
}
