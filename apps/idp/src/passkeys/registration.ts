import { randomBytes, randomUUID } from 'node:crypto';
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
import type { Challenges } from './challenges.ts';
import { Passkey } from './entity.ts';
import type { FactorChanges } from './list.ts';
import { maxNameLength, providerName } from './names.ts';
import { readRegistration } from './responses.ts';
import type { Site } from './site.ts';

type Deps = { site: Site; challenges: Challenges; factorChanges: FactorChanges; now: () => Date };

export type Registration = { ok: true; passkey: Passkey } | { ok: false; reason: RegistrationRefusal };
export type RegistrationRefusal =
  /** The challenge is used up, too old, or of another flow or account. */
  | 'expired'
  /** Somebody has registered this very credential, here or in another account. */
  | 'already_registered'
  /** The account has as many as it may have. */
  | 'too_many'
  /** Anything else: what came back was not made for us. */
  | 'refused';

const mostPerAccount = 20;
const algorithms = [COSEALG.EdDSA, COSEALG.ES256, COSEALG.RS256];

export function createRegistration({ site, challenges, factorChanges, now }: Deps) {
  return { registrationOptions, register };

  /** For `navigator.credentials.create`. Authenticators the account has already are left out. */
  async function registrationOptions(
    em: EntityManager,
    { binding, accountId }: { binding: string; accountId: string },
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const account = await em.findOneOrFail(Account, { id: accountId });
    const own = await em.find(Passkey, { account: accountId });
    const userHandle = own[0]?.userHandle ?? randomBytes(32).toString('base64url');
    const options = await generateRegistrationOptions({
      rpName: 'Portcullis',
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

  /**
   * `response`: the JSON text that the page posted. `name`: the person's own for it; empty: that of the password manager
   * which made it, else `otherwise`. `actor`: an account id, or null for the system.
   */
  async function register(
    em: EntityManager,
    input: { binding: string; accountId: string; response: string; name: string; otherwise: string; actor: string },
  ): Promise<Registration> {
    const { accountId, actor } = input;
    const issued = await challenges.take('registration', input.binding);
    if (!issued?.userHandle || issued.accountId !== accountId) return { ok: false, reason: 'expired' };
    const { userHandle } = issued;
    const response = readRegistration(input.response);
    const info = response && (await verify(response, issued.challenge));
    if (!response || !info) return { ok: false, reason: 'refused' };
    try {
      return await em.transactional(async (tx) => {
        if ((await tx.count(Passkey, { account: accountId })) >= mostPerAccount)
          return { ok: false, reason: 'too_many' } as const;
        const at = now();
        const passkey = tx.create(Passkey, {
          id: randomUUID(),
          account: accountId,
          credentialId: info.credential.id,
          userHandle,
          publicKey: Buffer.from(info.credential.publicKey),
          counter: info.credential.counter,
          transports: response.response.transports ?? [],
          name: (input.name.trim() || (providerName(info.aaguid) ?? input.otherwise)).slice(0, maxNameLength),
          synced: info.credentialBackedUp,
          standsAlone: info.userVerified && response.clientExtensionResults.credProps?.rk !== false,
          createdAt: at,
          lastUsedAt: null,
        });
        const detail = { passkey: passkey.id, name: passkey.name };
        record(tx, { at, actor, action: 'passkey.added', accountId, detail });
        await factorChanges.changed(tx, { accountId, actor, change: 'passkey_added' });
        return { ok: true, passkey } as const;
      });
    } catch (error) {
      // The unique index decides: the credential may be another account's.
      if (error instanceof UniqueConstraintViolationException) return { ok: false, reason: 'already_registered' };
      throw error;
    }
  }

  async function verify(
    response: RegistrationResponseJSON,
    challenge: string,
  ): Promise<VerifiedRegistrationResponse['registrationInfo']> {
    try {
      if (carriesCertificates(response)) return undefined;
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
