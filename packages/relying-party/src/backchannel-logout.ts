import { AppError, readForm, type Log } from '@portcullis/http';
import type { Mirror, Revocation, Target } from '@portcullis/revocation';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Context } from 'koa';
import { explained } from './problems.ts';
import type { Provider } from './provider.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';
const clockToleranceSeconds = 15;
const jwksTimes = { timeoutDuration: 2500, cacheMaxAge: 60_000 };

type Deps = {
  issuer: string;
  clientId: string;
  /** The one algorithm this client is registered for. */
  algorithm: string;
  /** How long a session can exist that knows nothing of the logout. */
  sessionSeconds: number;
  provider: Provider;
  mirror: Pick<Mirror, 'add' | 'onKeysChanged'>;
  log: Log;
};

/**
 * POST /backchannel-logout (OpenID Connect Back-Channel Logout 1.0): `logout_token` in a form. 200 with nothing when the
 * sessions it names are over here, also at a repetition; otherwise 400 with `error` and `error_description` as JSON.
 * Other instances hear of it by their own mirrors.
 */
export function createBackchannelLogout(deps: Deps) {
  const { issuer, clientId, algorithm, sessionSeconds, provider, mirror, log } = deps;
  let keys: JWTVerifyGetKey | undefined;
  mirror.onKeysChanged(() => (keys = undefined));
  return receive;

  async function receive(ctx: Context): Promise<void> {
    ctx.set('Cache-Control', 'no-store');
    try {
      const entry = await read(await tokenOf(ctx));
      mirror.add(entry);
      log.info({ revocation: entry.id, target: entry.target.kind }, 'back-channel logout');
      ctx.status = 200;
      ctx.body = '';
    } catch (error) {
      const { code, description } = refusalOf(error);
      log.warn({ err: error }, 'back-channel logout refused');
      ctx.status = 400;
      ctx.body = { error: code, error_description: description };
    }
  }

  /** Section 2.6. */
  async function read(token: string): Promise<Revocation> {
    keys ??= await keySet();
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [algorithm],
      typ: 'logout+jwt',
      issuer,
      audience: clientId,
      clockTolerance: clockToleranceSeconds,
    });
    return entryOf(payload);
  }

  function entryOf(payload: JWTPayload): Revocation {
    const { aud, iat = NaN, exp = NaN, jti, sub, sid, toe, events } = payload;
    if ([aud].flat().length !== 1) throw refused('the token is for other audiences too');
    if (!Number.isFinite(iat) || !Number.isFinite(exp)) throw refused('the token has no valid times');
    if (iat - clockToleranceSeconds > Date.now() / 1000) throw refused('the token is from the future');
    if (!isText(jti)) throw refused('the token has no jti');
    if (!isObject(events) || !isObject(events[event])) throw refused('the token does not say that it is a logout');
    if ('nonce' in payload) throw refused('the token has a nonce');
    for (const name of [sub, sid]) if (name !== undefined && !isText(name)) throw refused('sub or sid is malformed');
    // The time of the event where it is said (RFC 8417): a person may have signed in again before the word got here.
    const issuedBefore = typeof toe === 'number' && toe < iat ? toe : iat;
    return {
      id: `backchannel-logout:${jti}`,
      seq: 0,
      target: targetOf(sub, sid),
      issuedBefore,
      cause: 'session_ended',
      recordedAt: Date.now(),
      expiresAt: Math.ceil(iat) + sessionSeconds + clockToleranceSeconds,
    };
  }

  /** Without `sid` every session of the person here is meant. */
  function targetOf(sub: unknown, sid: unknown): Target {
    if (isText(sid)) return { kind: 'session', sid };
    if (isText(sub)) return { kind: 'account-at-client', sub, clientId };
    throw refused('the token names neither sub nor sid');
  }

  async function keySet(): Promise<JWTVerifyGetKey> {
    const { jwks_uri: uri } = (await provider()).serverMetadata();
    if (uri === undefined) throw explained('provider_mismatch', new Error('the issuer names no jwks_uri'));
    return createRemoteJWKSet(new URL(uri), jwksTimes);
  }
}

async function tokenOf(ctx: Context): Promise<string> {
  let token: unknown;
  await readForm(ctx, async () => void (token = (ctx.request.body as Record<string, string>)['logout_token']));
  if (!isText(token)) throw refused('there is no logout_token');
  return token;
}

function refused(description: string): AppError {
  return new AppError('invalid', 'invalid_request', description);
}

/** jose names what it found wrong and never what stood there. */
function refusalOf(error: unknown): { code: string; description: string } {
  if (error instanceof AppError && error.kind !== 'unavailable') {
    return { code: 'invalid_request', description: error.publicMessage };
  }
  const isAboutToken = error instanceof errors.JOSEError && !/^ERR_(JOSE_GENERIC|JWKS_TIMEOUT)$/.test(error.code);
  if (isAboutToken) return { code: 'invalid_request', description: error.message };
  return { code: 'temporarily_unavailable', description: 'the keys of the issuer cannot be had' };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
