import { createRemoteJWKSet, customFetch, jwtVerify, type JWTPayload, type RemoteJWKSet } from 'jose';
import { toRevocation, type Revocation } from './revocation.ts';

/** The events a mirror acts on, as the identity provider says them: `urn:portcullis:event:<kind>`. `at` and `now`: ms on the node's own clock. */
export type FeedEvent =
  | { kind: 'opened'; epoch: string; challenge: string; now: number; n: number }
  | { kind: 'batch'; challenge: string; index: number; last: boolean; snapshot: boolean; entries: Revocation[] }
  | { kind: 'revocation'; entry: Revocation; at: number; n: number }
  | { kind: 'proof'; epoch: string; seq: number; at: number; n: number }
  | { kind: 'keys-changed'; n: number };

const prefix = 'urn:portcullis:event:';
const timeoutMs = 2500;

/** Verifies the events of one issuer for one client. */
export function createFeedVerifier(o: { issuer: string; clientId: string; fetch: typeof globalThis.fetch }) {
  let keys: Promise<RemoteJWKSet> | undefined;
  return { verify, forgetKeys: () => void (keys = undefined) };

  /** Throws on anything but a security event token (RFC 8417) of the issuer for this client that says an event of ours. */
  async function verify(token: string): Promise<FeedEvent> {
    keys ??= discover(o);
    const set = await keys.catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    const { payload } = await jwtVerify(token, set, {
      issuer: o.issuer,
      audience: o.clientId,
      typ: 'secevent+jwt',
      algorithms: ['ES256'],
    });
    return eventOf(payload);
  }
}

async function discover({ issuer, fetch }: { issuer: string; fetch: typeof globalThis.fetch }): Promise<RemoteJWKSet> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (metadata.issuer !== issuer) throw new Error(`${url} speaks for another issuer`);
  if (typeof metadata.jwks_uri !== 'string') throw new Error(`${url} names no jwks_uri`);
  return createRemoteJWKSet(new URL(metadata.jwks_uri), {
    timeoutDuration: timeoutMs,
    cooldownDuration: 5000,
    cacheMaxAge: 60_000,
    [customFetch]: fetch,
  });
}

function eventOf({ events }: JWTPayload): FeedEvent {
  const [name, said] = Object.entries(isRecord(events) ? events : {}).find(([key]) => key.startsWith(prefix)) ?? [];
  const event = isRecord(said) ? read(name?.slice(prefix.length) ?? '', said) : undefined;
  if (!event) throw new Error(`an event of the feed cannot be read: ${JSON.stringify(events)?.slice(0, 200)}`);
  return event;
}

function read(kind: string, said: Record<string, unknown>): FeedEvent | undefined {
  const { n, at, epoch, challenge } = said;
  switch (kind) {
    case 'opened': {
      const { now } = said;
      return isText(epoch) && isText(challenge) && isNumber(now) && isNumber(n)
        ? { kind, epoch, challenge, now, n }
        : undefined;
    }
    case 'batch': {
      const { index, last, snapshot, entries } = said;
      const isWhole = isText(challenge) && isNumber(index) && typeof last === 'boolean' && Array.isArray(entries);
      return isWhole
        ? { kind, challenge, index, last, snapshot: snapshot === true, entries: entries.map(toRevocation) }
        : undefined;
    }
    case 'revocation':
      return isNumber(n) && isNumber(at) ? { kind, n, at, entry: toRevocation(said['entry']) } : undefined;
    case 'proof': {
      const { seq } = said;
      return isText(epoch) && isNumber(seq) && isNumber(at) && isNumber(n) ? { kind, epoch, seq, at, n } : undefined;
    }
    case 'keys-changed':
      return isNumber(n) ? { kind, n } : undefined;
    default:
      return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
