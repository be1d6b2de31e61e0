/** An issuer whose feed says what a test tells it to, well or badly: for tests of the mirror's side. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import type { Revocation } from './revocation.ts';

export const clientId = 'forum';
export const clientSecret = 'a secret: of "any" characters, ä+%';
export type TestStream = ReturnType<typeof createTestStream>;

type Over = {
  typ?: string;
  aud?: string;
  iss?: string;
  alg?: 'none' | 'ES256' | 'RS256';
  key?: CryptoKey;
  kid?: string;
};

export async function startTestIssuer() {
  const [es, rs, foreign] = await Promise.all(
    (['ES256', 'RS256', 'ES256'] as const).map((alg) => generateKeyPair(alg, { extractable: true })),
  );
  if (!es || !rs || !foreign) throw new Error('no keys');
  const jwks = await Promise.all(
    [
      { kid: 'es', alg: 'ES256', key: es.publicKey },
      { kid: 'rs', alg: 'RS256', key: rs.publicKey },
    ].map(async ({ kid, alg, key }) => ({ ...(await exportJWK(key)), kid, alg, use: 'sig' })),
  );
  const requests: IncomingMessage[] = [];
  const acknowledgements: Record<string, unknown>[] = [];
  const waiting: ((stream: TestStream) => void)[] = [];
  const arrived: TestStream[] = [];
  const server = createServer((req, res) => void answer(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const refusals = { status: 0 };

  return {
    issuer,
    requests,
    acknowledgements,
    foreignKey: foreign.privateKey,
    rsaKey: rs.privateKey,
    /** Answers to the feed with this status from now on; 0: with streams. */
    refuse: (status: number) => void (refusals.status = status),
    /** The next stream that the mirror asks for; nothing has been said on it. */
    stream: () =>
      new Promise<TestStream>((resolve) => {
        const ready = arrived.shift();
        if (ready) resolve(ready);
        else waiting.push(resolve);
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', issuer);
    if (url.pathname === '/.well-known/openid-configuration') return json(res, { issuer, jwks_uri: `${issuer}/jwks` });
    if (url.pathname === '/jwks') return json(res, { keys: jwks });
    if (url.pathname === '/revocations/acknowledgements') {
      let body = '';
      for await (const chunk of req.setEncoding('utf8')) body += String(chunk);
      acknowledgements.push(JSON.parse(body) as Record<string, unknown>);
      res.writeHead(204).end();
      return;
    }
    requests.push(req);
    if (refusals.status) {
      res.writeHead(refusals.status).end();
      return;
    }
    res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const stream = createTestStream(res, url.searchParams.get('challenge') ?? '', sign);
    const taker = waiting.shift();
    if (taker) taker(stream);
    else arrived.push(stream);
  }

  function sign(kind: string, said: object, over: Over): Promise<string> | string {
    const { typ = 'secevent+jwt', aud = clientId, iss = issuer, alg = 'ES256', kid } = over;
    const claims = { jti: randomUUID(), iss, aud, events: { [`urn:portcullis:event:${kind}`]: said } };
    if (alg === 'none') return new UnsecuredJWT(claims).setIssuedAt().encode();
    const own = alg === 'ES256' ? es?.privateKey : rs?.privateKey;
    const header = { alg, typ, kid: kid ?? (alg === 'ES256' ? 'es' : 'rs') };
    if (!own) throw new Error('no key');
    return new SignJWT(claims)
      .setProtectedHeader(header)
      .setIssuedAt()
      .sign(over.key ?? own);
  }
}

type Sign = (kind: string, said: object, over: Over) => Promise<string> | string;

/** One answer to the feed. `at` of its events is in ms since it was opened. */
function createTestStream(res: ServerResponse, challenge: string, sign: Sign) {
  let n = 41;
  return {
    challenge,
    say,
    opened,
    snapshot,
    batch,
    revocation: (entry: Revocation, at = 0) => say('revocation', { n: (n += 1), at, entry }),
    proof: (seq: number, at = 0, over: Over = {}) => say('proof', { n: (n += 1), epoch: 'e1', seq, at }, over),
    keysChanged: () => say('keys-changed', { n: (n += 1) }),
    leaveOneOut: () => void (n += 1),
    write: (text: string) => void res.write(text),
    end: () => void res.end(),
    closed: () => res.destroyed,
  };

  async function say(kind: string, said: object, over: Over = {}): Promise<string> {
    const token = await sign(kind, said, over);
    res.write(`data: ${token}\n\n`);
    return token;
  }

  function opened(over: { challenge?: string; epoch?: string } = {}) {
    return say('opened', { epoch: 'e1', challenge, node: 'n1', now: 0, n, ...over });
  }

  function batch(entries: Revocation[], { index = 0, last = true, snapshot: isSnapshot = true } = {}) {
    return say('batch', { challenge, index, last, snapshot: isSnapshot, entries });
  }

  /** What a stream begins with. */
  async function snapshot(entries: Revocation[] = []): Promise<void> {
    await opened();
    await batch(entries);
  }
}

async function json(res: ServerResponse, value: unknown): Promise<void> {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
