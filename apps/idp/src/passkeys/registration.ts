import { randomUUID } from 'node:crypto';
import { type EntityManager, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type RegistrationResponseJSON,
  type VerifiedRegistrationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { COSEALG, decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers';
import { Account } from '#accounts/entity.ts';
import { record } from '#audit/service.ts';
import type { Delivery } from '#revocations/service.ts';
import type { ChangeOf, FactorChanges } from '#second-factor/changes.ts';
import type { KeyedHash } from '#second-factor/keyed-hash.ts';
import type { Challenges } from './challenges.ts';
import { Passkey } from './entity.ts';
import { maxNameLength, providerName } from './names.ts';
import { isFramed, readRegistration } from './responses.ts';
import { ceremonyMs, type Site } from './site.ts';

type Deps = {
  site: Site;
  keyedHash: KeyedHash;
  challenges: Challenges;
  factorChanges: Pick<FactorChanges, 'apply'>;
  now: () => Date;
};

/** The person, and what they do: `response` is the JSON text that the page posted. */
type NewPasskey = ChangeOf & {
  binding: string;
  response: string;
  /** The person's own name for it, or nothing. */
  name: string;
  /** What it is called when it has no name and no known password manager made it. */
  otherwise: string;
};

export type Registration = { ok: true; delivery: Delivery } | { ok: false; reason: RegistrationRefusal };
export type RegistrationRefusal =
  /** The challenge is used up, too old, or of another flow or account. */
  | 'expired'
  /** This very credential is registered, here or in another account. */
  | 'already_registered'
  | 'not_found'
  /** The account has as many as it may have. */
  | 'too_many'
  /** Anything else: what came back was not made for us. */
  | 'refused';

const mostPerAccount = 20;
const algorithms = [COSEALG.EdDSA, COSEALG.ES256, COSEALG.RS256];

export function createRegistration({ site, keyedHash, challenges, factorChanges, now }: Deps) {
  return { registrationOptions, register };

  /** For `navigator.credentials.create`. Authenticators the account has already are left out. */
  async function registrationOptions(
    em: EntityManager,
    { binding, accountId }: { binding: string; accountId: string },
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const account = await em.findOneOrFail(Account, { id: accountId });
    const own = await em.find(Passkey, { account: accountId });
    const userHandle = own[0]?.userHandle ?? keyedHash('passkey user handle', accountId);
    const options = await generateRegistrationOptions({
      rpName: site.name,
      timeout: ceremonyMs,
      rpID: site.rpId,
      userName: account.email,
      userDisplayName: account.name,
      userID: isoBase64URL.toBuffer(userHandle),
      excludeCredentials: own.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      supportedAlgorithmIDs: algorithms,
    });
    await challenges.keep('registration', binding, { challenge: options.challenge, accountId, userHandle });
    return options;
  }

  /** As every change of factors: the other sessions of the account end, and its owner is told. In a transaction of its own. */
  async function register(
    em: EntityManager,
    { binding, response, name, otherwise, ...act }: NewPasskey,
  ): Promise<Registration> {
    const issued = await challenges.take('registration', binding);
    if (!issued?.userHandle || issued.accountId !== act.accountId) return { ok: false, reason: 'expired' };
    const { userHandle } = issued;
    const answer = readRegistration(response);
    const info = answer && (await verify(answer, issued.challenge));
    if (!answer || !info) return refuse(em, act, 'refused');
    const id = randomUUID();
    const called = (name.trim() || (providerName(info.aaguid) ?? otherwise)).slice(0, maxNameLength);
    const change = { ...act, change: 'passkey_added', detail: { passkey: id, name: called } } as const;
    try {
      return await factorChanges.apply<RegistrationRefusal>(em, change, async (tx, at) => {
        if ((await tx.count(Passkey, { account: act.accountId })) >= mostPerAccount) return 'too_many';
        tx.create(Passkey, {
          id,
          account: act.accountId,
          credentialId: info.credential.id,
          userHandle,
          publicKey: Buffer.from(info.credential.publicKey),
          counter: info.credential.counter,
          transports: answer.response.transports ?? [],
          name: called,
          synced: info.credentialBackedUp,
          standsAlone: info.userVerified && answer.clientExtensionResults.credProps?.rk !== false,
          createdAt: at,
          lastUsedAt: null,
        });
        await tx.flush();
        return undefined;
      });
    } catch (error) {
      // The unique index decides: the credential may be another account's.
      if (error instanceof UniqueConstraintViolationException) return refuse(em, act, 'already_registered');
      throw error;
    }
  }

  async function refuse(em: EntityManager, { accountId, actor }: ChangeOf, reason: RegistrationRefusal) {
    await em.transactional(async (tx) => {
      record(tx, { at: now(), actor, action: 'passkey.refused', accountId, detail: { reason } });
    });
    return { ok: false, reason } as const;
  }

  async function verify(
    response: RegistrationResponseJSON,
    challenge: string,
  ): Promise<VerifiedRegistrationResponse['registrationInfo']> {
    try {
      if (isFramed(response.response) || carriesCertificates(response)) return undefined;
      const { registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: site.origin,
        expectedRPID: site.rpId,
        requireUserVerification: false,
        supportedAlgorithmIDs: algorithms,
      });
      return registrationInfo;
    } catch {
      return undefined; // the library throws for each thing that may be wrong; to us they are one
    }
  }
}

/** We ask for no attestation. Certificates brought nevertheless would make the library fetch the addresses they name. */
function carriesCertificates({ response }: RegistrationResponseJSON): boolean {
  const statement = decodeAttestationObject(isoBase64URL.toBuffer(response.attestationObject)).get('attStmt');
  return statement.get('x5c') !== undefined;
}
