import type { EntityManager } from '@mikro-orm/postgresql';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import { record } from '#audit/service.ts';
import type { Challenges } from './challenges.ts';
import { Passkey } from './entity.ts';
import { isFramed, readAssertion } from './responses.ts';
import { ceremonyMs, type Site } from './site.ts';

type Deps = { site: Site; challenges: Challenges; now: () => Date };

/** With `accountId`: as a second factor of that account. Without: as the only factor, of whoever it says it belongs to. */
type Flow = { binding: string; accountId?: string };

export type Authentication =
  | { ok: true; accountId: string; userVerified: boolean; checkedAt: Date }
  | { ok: false; reason: AuthenticationRefusal };
export type AuthenticationRefusal =
  /** The challenge is used up, too old, or of another flow. */
  | 'expired'
  /** No such passkey here, or none of this account. */
  | 'unknown'
  /** Anything else: the wrong origin, the wrong person, a wrong signature, the user not verified, a counter that went back. */
  | 'refused';

export function createAuthentication({ site, challenges, now }: Deps) {
  return { authenticationOptions, authenticate };

  /** For `navigator.credentials.get`. Whoever has not said who it is yet gets no list of credentials, so there is nothing to learn from it. */
  async function authenticationOptions(
    em: EntityManager,
    { binding, accountId }: Flow,
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const own = accountId === undefined ? [] : await em.find(Passkey, { account: accountId });
    const options = await generateAuthenticationOptions({
      rpID: site.rpId,
      timeout: ceremonyMs,
      userVerification: accountId === undefined ? 'required' : 'preferred',
      allowCredentials: own.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    });
    await challenges.keep(ceremonyOf(accountId), binding, {
      challenge: options.challenge,
      accountId: accountId ?? null,
    });
    return options;
  }

  /**
   * As the only factor the user must have been verified; as a second one `userVerified` says whether it was.
   * `response`: the JSON text that the page posted. A refusal of a known passkey leaves an audit event.
   */
  async function authenticate(
    em: EntityManager,
    { binding, accountId, response }: Flow & { response: string },
  ): Promise<Authentication> {
    const checkedAt = now();
    const issued = await challenges.take(ceremonyOf(accountId), binding);
    if (!issued || issued.accountId !== (accountId ?? null)) return { ok: false, reason: 'expired' };
    const assertion = readAssertion(response);
    if (!assertion) return { ok: false, reason: 'refused' };
    return em.transactional(async (tx) => {
      const whose = accountId === undefined ? {} : { account: accountId };
      const passkey = await tx.findOne(Passkey, { credentialId: assertion.id, ...whose }, { refresh: true });
      if (!passkey) return { ok: false, reason: 'unknown' } as const;
      const alone = accountId === undefined;
      const used = await verify(passkey, { assertion, challenge: issued.challenge, alone });
      if (!used) return refuse(tx, passkey, 'passkey.refused');
      const counted = await count(tx, passkey, { ...used, alone });
      if (!counted) return refuse(tx, passkey, 'passkey.counter_regressed', { counter: used.counter });
      return { ok: true, accountId: passkey.account.id, userVerified: used.userVerified, checkedAt };
    });
  }

  async function verify(
    passkey: Passkey,
    { assertion, challenge, alone }: { assertion: AuthenticationResponseJSON; challenge: string; alone: boolean },
  ): Promise<{ counter: number; userVerified: boolean } | undefined> {
    const { userHandle } = assertion.response;
    if ((alone || userHandle !== undefined) && userHandle !== passkey.userHandle) return undefined;
    try {
      if (isFramed(assertion.response)) return undefined;
      const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
        response: assertion,
        expectedChallenge: challenge,
        expectedOrigin: site.origin,
        expectedRPID: site.rpId,
        requireUserVerification: alone,
        // Its counter is compared below, once the signature is known to be right: else anybody could report a clone.
        credential: { id: passkey.credentialId, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
      });
      return verified ? { counter: info.newCounter, userVerified: info.userVerified } : undefined;
    } catch {
      return undefined; // the library throws for each thing that may be wrong; to us they are one
    }
  }

  /** A counter that does not move on is that of a copy, unless neither side counts. Of two uses at once with one counter the second is refused. */
  async function count(
    tx: EntityManager,
    { id, counter: before }: Passkey,
    { counter, userVerified, alone }: { counter: number; userVerified: boolean; alone: boolean },
  ): Promise<boolean> {
    if ((before > 0 || counter > 0) && counter <= before) return false;
    const standsAlone = alone && userVerified ? { standsAlone: true } : {};
    const changed = { counter, lastUsedAt: now(), ...standsAlone };
    return (await tx.nativeUpdate(Passkey, { id, counter: before }, changed)) === 1;
  }

  function refuse(tx: EntityManager, passkey: Passkey, action: string, detail: Record<string, unknown> = {}) {
    const { id, name, account } = passkey;
    record(tx, { at: now(), actor: null, action, accountId: account.id, detail: { passkey: id, name, ...detail } });
    return { ok: false, reason: 'refused' } as const;
  }
}

function ceremonyOf(accountId: string | undefined) {
  return accountId === undefined ? 'sign-in' : 'second-factor';
}
