import { z } from 'zod';
import type { Interactions } from '#protocol/interactions.ts';
import type { Passkeys } from '#passkeys/service.ts';
import { passkeyRegistrationForm } from '#passkeys/views.ts';
import type { RecoveryCodes } from '#second-factor/recovery-codes.ts';
import type { Totp } from '#second-factor/totp.ts';
import type { Sealer } from '#signing-keys/sealed.ts';
import { wordsIn } from '#i18n/messages.ts';
import type { Proof } from './assurance.ts';
import type { Door, KnownHandler } from './door.ts';
import type { ProgressStore } from './progress.ts';
import type { Refusals } from './refusals.ts';
import { enrollableOf } from './steps.ts';
import { enrolAuthenticatorView, enrolView, recoveryCodesView } from './views.ts';

type Deps = {
  door: Door;
  interactions: Pick<Interactions, 'session'>;
  totp: Pick<Totp, 'begin' | 'confirm'>;
  passkeys: Pick<Passkeys, 'registrationOptions' | 'register'>;
  recoveryCodes: Pick<RecoveryCodes, 'make'>;
  progress: Pick<ProgressStore, 'add' | 'keepCodes' | 'codesKept' | 'begin'>;
  refusals: Pick<Refusals, 'take'>;
  sealer: Sealer;
  now: () => Date;
};
type Call = Parameters<KnownHandler>;
type Page = 'page' | 'authenticator' | 'confirmAuthenticator' | 'addPasskey' | 'codes' | 'downloadCodes' | 'codesKept';

const CodeFields = z.object({ code: z.string().trim().min(1).max(64) });
const PasskeyFields = z.object({ response: z.string().min(1), name: z.string().catch('') });

/** A second factor is demanded and the account has none that will do: it gets one, and codes for the day that is lost. */
export function createEnrolStep(deps: Deps): Record<Page, KnownHandler> {
  const { door, interactions, totp, passkeys, recoveryCodes, progress, refusals, sealer, now } = deps;
  return { page, authenticator, confirmAuthenticator, addPasskey, codes, downloadCodes, codesKept };

  async function page(...[ctx, em, here]: Call): Promise<void> {
    const { waiting, person, policy } = here;
    const refusal = await refusals.take(waiting.uid);
    const options = await passkeys.registrationOptions(em, { binding: waiting.uid, accountId: person.id });
    const view = enrolView(door.flowOf(ctx, here), {
      person,
      authenticator: enrollableOf(policy).includes('totp'),
      passkey: passkeyRegistrationForm(`/sign-in/${waiting.uid}/enrol/passkey`, options),
      refusal,
    });
    door.showAgain(ctx, refusal, 'enrol', view);
  }

  async function authenticator(...[ctx, em, here]: Call): Promise<void> {
    const { waiting, person, policy } = here;
    if (!enrollableOf(policy).includes('totp')) return door.lead(ctx, em, here);
    const refusal = await refusals.take(waiting.uid);
    const enrolment = await totp.begin(em, { accountId: person.id, binding: waiting.uid });
    const view = enrolAuthenticatorView(door.flowOf(ctx, here), { enrolment, refusal });
    door.showAgain(ctx, refusal, 'enrol-authenticator', view);
  }

  async function confirmAuthenticator(...[ctx, em, here]: Call): Promise<void> {
    if (!enrollableOf(here.policy).includes('totp')) return door.lead(ctx, em, here);
    const back = '/enrol/authenticator';
    const fields = CodeFields.safeParse(ctx.request.body);
    if (!fields.success) return door.refuse(ctx, here, { problem: { reason: 'code_missing' } }, back);
    const change = await changeBy(ctx, here);
    const confirmed = await totp.confirm(em, { ...change, binding: here.waiting.uid, code: fields.data.code });
    if (confirmed.ok) return enrolled(ctx, em, here, 'totp');
    const reason = confirmed.reason === 'wrong_code' ? 'wrong_code' : 'authenticator_gone';
    await door.refuse(ctx, here, { problem: { reason } }, back);
  }

  async function addPasskey(...[ctx, em, here]: Call): Promise<void> {
    const fields = PasskeyFields.safeParse(ctx.request.body);
    const refuse = (because: 'refused' | 'expired') =>
      door.refuse(ctx, here, { problem: { reason: 'passkey', because } }, '/enrol');
    if (!fields.success) return refuse('refused');
    const otherwise = wordsIn(door.flowOf(ctx, here).locale).t('sign_in.passkey_of_sign_in');
    const change = { ...(await changeBy(ctx, here)), binding: here.waiting.uid, otherwise, ...fields.data };
    const registered = await passkeys.register(em, change);
    if (!registered.ok)
      return door.refuse(ctx, here, { problem: { reason: 'passkey', because: registered.reason } }, '/enrol');
    await enrolled(ctx, em, here, 'security_key');
  }

  /** What has just been registered was just shown; whether a passkey verifies its user is known when it is used. */
  async function enrolled(...[ctx, em, here, proof]: [...Call, Proof]): Promise<void> {
    const { waiting, attempt, person, policy } = here;
    if (!(await progress.add(waiting.uid, attempt, proof, now()))) return door.startOver(ctx, here);
    const proofs = [...attempt.proofs, proof];
    let newCodes: string | undefined;
    if (policy.factors.recoveryCodes === 0) {
      const made = await recoveryCodes.make(em, await changeBy(ctx, here));
      newCodes = await sealer.seal({ codes: made.join(' ') });
      if (!(await progress.keepCodes(waiting.uid, attempt, newCodes))) return door.startOver(ctx, here);
    }
    await door.onward(ctx, em, { ...here, person, progress: { attempt: { ...attempt, proofs, newCodes } } });
  }

  async function codes(...[ctx, , here]: Call): Promise<void> {
    door.show(ctx, 200, 'recovery-codes', recoveryCodesView(door.flowOf(ctx, here), await codesOf(here)));
  }

  async function downloadCodes(...[ctx, , here]: Call): Promise<void> {
    const title = wordsIn(door.flowOf(ctx, here).locale).t('sign_in.codes_file', { email: here.person.email });
    ctx.attachment('recovery-codes.txt');
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = [title, '', ...(await codesOf(here)), ''].join('\r\n');
  }

  async function codesKept(...[ctx, em, here]: Call): Promise<void> {
    const { waiting, attempt } = here;
    if (!(await progress.codesKept(waiting.uid, attempt))) return door.startOver(ctx, here);
    await door.onward(ctx, em, { ...here, progress: { attempt: { ...attempt, newCodes: undefined } } });
  }

  async function codesOf({ attempt }: Call[2]): Promise<string[]> {
    if (attempt.newCodes === undefined) return [];
    return String((await sealer.unseal(attempt.newCodes))['codes']).split(' ');
  }

  /** A session of the same person at this browser goes on: it is in that session that this sign-in is made stronger. */
  async function changeBy(...[ctx, here]: [Call[0], Call[2]]) {
    const { id } = here.person;
    const session = await interactions.session(ctx);
    return { accountId: id, actor: id, keepSessionUid: session?.accountId === id ? session.uid : undefined };
  }
}
