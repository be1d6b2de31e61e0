import { AppError } from '@portcullis/http';
import { z } from 'zod';
import type { Person } from '#accounts/lookup.ts';
import type { Accounts } from '#accounts/service.ts';
import type { OwnAddress } from '#link-request/own-address.ts';
import type { Passkeys } from '#passkeys/service.ts';
import { passkeyForm } from '#passkeys/views.ts';
import type { FamiliarBrowsers } from '#rate-limit/familiar-browsers.ts';
import type { TrustedDevices } from '#second-factor/trusted-devices.ts';
import type { Proof } from './assurance.ts';
import type { Door, Handler } from './door.ts';
import type { Refusals } from './refusals.ts';
import { newAttempt } from './steps.ts';
import { signInView } from './views.ts';

type Deps = {
  door: Door;
  accounts: Pick<Accounts, 'signIn' | 'standing'>;
  passkeys: Pick<Passkeys, 'authenticationOptions' | 'authenticate'>;
  trustedDevices: Pick<TrustedDevices, 'recognise'>;
  familiarBrowsers: Pick<FamiliarBrowsers, 'of' | 'mayKnow'>;
  ownAddress: Pick<OwnAddress, 'of'>;
  refusals: Pick<Refusals, 'take'>;
  /** The e-mail address of an account, to be filled in. */
  emailOf: (accountId: string) => Promise<string | undefined>;
};

const Fields = z.strictObject({
  email: z.string().trim().min(1),
  password: z.string().min(1),
  remember: z.literal('yes').optional(),
});
const Remembered = z.object({ email: z.string().catch(''), remember: z.string().catch('') });
const PasskeyFields = z.object({ response: z.string().min(1), remember: z.literal('yes').optional() });

/** The first step: a password, or a passkey alone. */
export function createCredentialsStep({
  door,
  accounts,
  passkeys,
  trustedDevices,
  familiarBrowsers,
  ownAddress,
  refusals,
  emailOf,
}: Deps): Record<'page' | 'password' | 'passkey', Handler> {
  return { page, password, passkey };

  async function page(
    ...[
      ctx,
      em,
      {
        waiting,
        progress: { chosen },
      },
    ]: Parameters<Handler>
  ): Promise<void> {
    const refusal = await refusals.take(waiting.uid);
    const signedInAs = waiting.signedInAs === null ? undefined : await emailOf(waiting.signedInAs);
    const options = await passkeys.authenticationOptions(em, { binding: waiting.uid });
    door.showAgain(
      ctx,
      refusal,
      'sign-in',
      signInView(door.flowOf(ctx, { waiting }), {
        email: chosen ?? signedInAs ?? waiting.loginHint ?? ownAddress.of(ctx) ?? '',
        reauthenticate: waiting.reauthenticate && chosen === undefined,
        passkey: passkeyForm(`/sign-in/${waiting.uid}/passkey`, options),
        refusal,
      }),
    );
  }

  async function password(...[ctx, em, here]: Parameters<Handler>): Promise<void> {
    const { waiting } = here;
    const fields = Fields.safeParse(ctx.request.body);
    const typed = Remembered.parse(ctx.request.body);
    const kept = { email: typed.email, remember: typed.remember === 'yes' };
    if (!fields.success) return door.refuse(ctx, here, { ...kept, problem: { reason: 'incomplete' } });
    const { email, password: secret, remember } = fields.data;
    const familiar = familiarBrowsers.mayKnow(ctx, email)
      ? (owner: Person) => familiarBrowsers.of(ctx, owner)
      : undefined;
    const attempt = { email, password: secret, address: ctx.ip, familiar, clientId: waiting.client.id };
    const result = await accounts.signIn(em, attempt).catch(busy);
    if (!result.ok) {
      if (result.reason === 'disabled' || result.reason === 'banned') return door.refused(ctx, waiting, result);
      return door.refuse(ctx, here, { ...kept, problem: result });
    }
    const { person, checkedAt: since } = result;
    // Whoever is to prove anew who it is does so without the help of what was proved before.
    const trusted = !waiting.reauthenticate && (await trustedDevices.recognise(ctx, em, person.id));
    const proofs: Proof[] = trusted ? ['password', 'trusted_device'] : ['password'];
    const begun = newAttempt({ accountId: person.id, proofs, since, remember: remember === 'yes' });
    await door.begin(ctx, em, { ...here, person, attempt: begun });
  }

  async function passkey(...[ctx, em, here]: Parameters<Handler>): Promise<void> {
    const { waiting } = here;
    const fields = PasskeyFields.safeParse(ctx.request.body);
    if (!fields.success) return door.refuse(ctx, here, { problem: { reason: 'passkey', because: 'refused' } });
    const { response, remember } = fields.data;
    const shown = await passkeys.authenticate(em, { binding: waiting.uid, response });
    if (!shown.ok || !shown.userVerified) {
      const because = shown.ok ? 'refused' : shown.reason;
      return door.refuse(ctx, here, { problem: { reason: 'passkey', because } });
    }
    const { accountId, checkedAt: since } = shown;
    const standing = await accounts.standing(em, { accountId, clientId: waiting.client.id, since });
    if (!standing.ok) {
      if (standing.reason === 'outdated')
        return door.refuse(ctx, here, { problem: { reason: 'passkey', because: 'unknown' } });
      return door.refused(ctx, waiting, standing);
    }
    const begun = newAttempt({ accountId, proofs: ['passkey'], since, remember: remember === 'yes' });
    await door.begin(ctx, em, { ...here, person: standing.person, attempt: begun });
  }
}

type Busy = { ok: false; reason: 'busy'; retryAfterSeconds: number };

/** More sign-ins wait than this node can hash: said on the page, where the person can simply try again. */
function busy(error: unknown): Busy {
  if (error instanceof AppError && error.code === 'sign_in_busy' && error.retryAfterSeconds !== undefined)
    return { ok: false, reason: 'busy', retryAfterSeconds: error.retryAfterSeconds };
  throw error;
}
