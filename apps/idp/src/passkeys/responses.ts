import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { decodeClientDataJSON } from '@simplewebauthn/server/helpers';
import { z } from 'zod';

const maxCharacters = 16_384;

function bytes(max: number) {
  return z
    .string()
    .min(1)
    .max(Math.ceil((max * 4) / 3))
    .regex(/^[\w-]+$/);
}

const credentialId = bytes(1023);
const clientDataJSON = bytes(2048);
const extensions = z.object({ credProps: z.object({ rk: z.boolean().optional() }).optional() }).catch({});

const Registration = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON,
    attestationObject: bytes(8192),
    transports: z.array(z.string().max(32)).max(8).catch([]),
  }),
  clientExtensionResults: extensions,
});

const Assertion = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON,
    authenticatorData: bytes(2048),
    signature: bytes(4096),
    userHandle: bytes(64).optional(),
  }),
  clientExtensionResults: extensions,
});

/** What `navigator.credentials.create` answered, as JSON text from a form. Undefined: that is not what this is. */
export function readRegistration(text: string): RegistrationResponseJSON | undefined {
  return read(Registration, text) as RegistrationResponseJSON | undefined;
}

/** What `navigator.credentials.get` answered, as JSON text from a form. Undefined: that is not what this is. */
export function readAssertion(text: string): AuthenticationResponseJSON | undefined {
  return read(Assertion, text) as AuthenticationResponseJSON | undefined;
}

/** Asked for within a page of another site, where none of ours is ever shown. Throws for client data that cannot be read. */
export function isFramed({ clientDataJSON: encoded }: { clientDataJSON: string }): boolean {
  return decodeClientDataJSON(encoded).crossOrigin === true;
}

function read<T>(schema: z.ZodType<T>, text: string): T | undefined {
  if (text.length > maxCharacters) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
