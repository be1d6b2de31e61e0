/** An authenticator in software: ES256, attestation 'none', one counter per credential, as WebAuthn Level 3 section 6 lays it out. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import { packedStatement } from './attestation.ts';

type Credential = { id: string; key: KeyObject; userHandle: string; counter: number };
/** What a browser or an authenticator that lies would put in. `step`: by how much the counter moves on; 0: it does not count. */
type Lies = {
  origin?: string;
  rpId?: string;
  userVerified?: boolean;
  /** Empty: none. */
  userHandle?: string;
  step?: number;
  aaguid?: string;
  id?: string | undefined;
  crossOrigin?: boolean;
  key?: KeyObject;
  certificates?: boolean;
  /** Whether the authenticator can find the credential by itself. */
  discoverable?: boolean;
};

const flag = { userPresent: 1, userVerified: 4, attested: 64 };

export type Authenticator = ReturnType<typeof createAuthenticator>;

export function createAuthenticator(site: { origin: string }) {
  const credentials: Credential[] = [];
  return { credentials, create, get };

  /** The JSON text of a registration. */
  function create(options: PublicKeyCredentialCreationOptionsJSON, lies: Lies = {}): string {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const id = lies.id === undefined ? randomBytes(16) : Buffer.from(lies.id, 'base64url');
    const credential = { id: id.toString('base64url'), key: privateKey, userHandle: options.user.id, counter: 0 };
    credentials.push(credential);
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const cose = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
      [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
    ]);
    const attested = Buffer.concat([
      Buffer.from((lies.aaguid ?? '').replaceAll('-', '').padEnd(32, '0'), 'hex'),
      Buffer.from([0, id.length]),
      id,
      isoCBOR.encode(cose),
    ]);
    const data = Buffer.concat([authenticatorData(credential, lies, flag.attested), attested]);
    const client = clientData('webauthn.create', options.challenge, lies);
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    const statement: ReturnType<typeof packedStatement> = lies.certificates ? packedStatement(signed) : new Map();
    const attestation = new Map<string, string | Uint8Array | typeof statement>([
      ['fmt', lies.certificates ? 'packed' : 'none'],
      ['attStmt', statement],
      ['authData', new Uint8Array(data)],
    ]);
    return answer(
      credential.id,
      {
        clientDataJSON: client.toString('base64url'),
        attestationObject: Buffer.from(isoCBOR.encode(attestation)).toString('base64url'),
        transports: ['internal'],
      },
      lies.discoverable === undefined ? {} : { credProps: { rk: lies.discoverable } },
    );
  }

  /** The JSON text of an assertion by the newest credential, or this one. */
  function get(
    options: Pick<PublicKeyCredentialRequestOptionsJSON, 'challenge'>,
    lies: Lies = {},
    credential = credentials.at(-1),
  ): string {
    if (!credential) throw new Error('no credential was made');
    credential.counter += lies.step ?? 1;
    const data = authenticatorData(credential, lies);
    const client = clientData('webauthn.get', options.challenge, lies);
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    return answer(credential.id, {
      clientDataJSON: client.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, lies.key ?? credential.key).toString('base64url'),
      userHandle: (lies.userHandle ?? credential.userHandle) || undefined,
    });
  }

  function authenticatorData({ counter }: Credential, { rpId, userVerified = true }: Lies, more = 0): Buffer {
    const flags = flag.userPresent | (userVerified ? flag.userVerified : 0) | more;
    const data = Buffer.alloc(37);
    createHash('sha256')
      .update(rpId ?? new URL(site.origin).hostname)
      .digest()
      .copy(data);
    data.writeUInt8(flags, 32);
    data.writeUInt32BE(counter, 33);
    return data;
  }

  function clientData(type: string, challenge: string, { origin = site.origin, crossOrigin = false }: Lies): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }));
  }
}

function answer(id: string, response: object, clientExtensionResults = {}): string {
  return JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults, response });
}
