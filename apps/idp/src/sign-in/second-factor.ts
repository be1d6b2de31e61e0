import { z } from 'zod';
import type { Passkeys } from '#passkeys/service.ts';
import { passkeyForm } from '#passkeys/views.ts';
import type { FamiliarBrowsers } from '#rate-limit/familiar-browsers.ts';
import type { EmailCodes } from '#second-factor/email-codes.ts';
import type { SecondFactors } from '#second-factor/service.ts';
import type { TrustedDevices } from '#second-factor/trusted-devices.ts';
import type { Proof } from './assurance.ts';
import type { Door, Known, KnownHandler } from './door.ts';
import type { ProgressStore } from './progress.ts';
import type { Problem, Refusals } from './refusals.ts';
import { type Method, methodsOf, stepOf } from './steps.ts';
import { secondFactorView } from './views.ts';

type Deps = {
  door: Door;
  secondFactors: Pick<SecondFactors, 'verify'>;
  emailCodes: Pick<EmailCodes, 'send' | 'waitSeconds'>;
  passkeys: Pick<Passkeys, 'authenticationOptions' | 'authenticate'>;
  trustedDevices: Pick<TrustedDevices, 'trust'>;
  familiarBrowsers: Pick<FamiliarBrowsers, 'of'>;
  progress: Pick<ProgressStore, 'add'>;
  refusals: Pick<Refusals, 'take'>;
  now: () => Date;
};

const CodeFields = z.object({
  method: z.enum(['totp', 'recovery_code', 'email_code']),
  code: z.string().trim().min(1).max(64),
  trust: z.literal('yes').optional(),
});
const PasskeyFields = z.object({ response: z.string().min(1), trust: z.literal('yes').optional() });

/** The second step, by one of the ways the account has. */
export function createSecondFactorStep({
  door,
  secondFactors,
  emailCodes,
  passkeys,
  trustedDevices,
  familiarBrowsers,
  progress,
  refusals,
  now,
}: Deps): Record<'page' | 'code' | 'passkey' | 'mail', KnownHandler> {
  return { page, code, passkey, mail };

  async function page(...[ctx, em, here]: Parameters<KnownHandler>): Promise<void> {
    const { waiting, person } = here;
    const methods = methodsOf(here.attempt.proofs, here.policy);
    const asked = ctx.query['method'];
    const method = methods.find((one) => one === asked) ?? methods[0];
    if (method === undefined) return;
    const refusal = await refusals.take(waiting.uid);
    const binding = { binding: waiting.uid, accountId: person.id };
    const waitSeconds = method === 'email_code' ? await emailCodes.waitSeconds(binding) : 0;
    const view = secondFactorView(door.flowOf(ctx, here), {
      person,
      method,
      others: methods.filter((other) => other !== method),
      passkey:
        method === 'passkey'
          ? passkeyForm(
              `/sign-in/${waiting.uid}/second-factor/passkey`,
              await passkeys.authenticationOptions(em, binding),
            )
          : null,
      sent: ctx.query['sent'] === 'yes' || waitSeconds > 0,
      waitSeconds,
      mayTrust: mayTrust(here, method),
      refusal,
    });
    door.showAgain(ctx, refusal, 'second-factor', view);
  }

  async function code(...[ctx, em, here]: Parameters<KnownHandler>): Promise<void> {
    const fields = CodeFields.safeParse(ctx.request.body);
    if (!fields.success) return refuse(ctx, here, { reason: 'code_missing' });
    const { method, code: typed, trust } = fields.data;
    if (!methodsOf(here.attempt.proofs, here.policy).includes(method))
      return refuse(ctx, here, { reason: 'wrong_code' });
    const browser = familiarBrowsers.of(ctx, here.person);
    const guess = { accountId: here.person.id, binding: here.waiting.uid, address: ctx.ip, browser };
    const verdict = await secondFactors.verify(em, { ...guess, method, code: typed });
    if (!verdict.ok) return refuse(ctx, here, verdict, method);
    await shown(ctx, em, here, method, trust === 'yes' && mayTrust(here, method));
  }

  async function passkey(...[ctx, em, here]: Parameters<KnownHandler>): Promise<void> {
    const fields = PasskeyFields.safeParse(ctx.request.body);
    if (!fields.success) return refuse(ctx, here, { reason: 'passkey', because: 'refused' });
    const ceremony = { binding: here.waiting.uid, accountId: here.person.id };
    const result = await passkeys.authenticate(em, { ...ceremony, response: fields.data.response });
    if (!result.ok) return refuse(ctx, here, { reason: 'passkey', because: result.reason });
    const proof = result.userVerified ? 'passkey' : 'security_key';
    const trust = fields.data.trust === 'yes' && mayTrust(here, 'passkey');
    await shown(ctx, em, here, proof, trust);
  }

  async function mail(...[ctx, em, here]: Parameters<KnownHandler>): Promise<void> {
    const { waiting, person } = here;
    if (!methodsOf(here.attempt.proofs, here.policy).includes('email_code')) return door.lead(ctx, em, here);
    const { locale } = door.flowOf(ctx, here);
    const sent = await emailCodes.send(em, { accountId: person.id, binding: waiting.uid, locale });
    if (!sent.ok) return refuse(ctx, here, sent, 'email_code');
    door.toPage(ctx, here, '/second-factor?method=email_code&sent=yes');
  }

  async function shown(...[ctx, em, here, proof, trust]: [...Parameters<KnownHandler>, Proof, boolean]): Promise<void> {
    const { waiting, attempt, person } = here;
    if (!(await progress.add(waiting.uid, attempt, proof, now()))) return door.startOver(ctx, here);
    if (trust) await trustedDevices.trust(ctx, em, person.id);
    const next = { attempt: { ...attempt, proofs: [...attempt.proofs, proof] } };
    const isTooWeak = proof === 'security_key' && stepOf(next, here.policy) === 'second_factor';
    if (isTooWeak) return refuse(ctx, here, { reason: 'key_too_weak' });
    await door.onward(ctx, em, { ...here, progress: next });
  }

  function refuse(ctx: Parameters<KnownHandler>[0], here: Known, problem: Problem, method?: Method): Promise<void> {
    const sent = method === 'email_code' && problem.reason === 'wrong_code' ? '&sent=yes' : '';
    return door.refuse(ctx, here, { problem }, `/second-factor${method ? `?method=${method}${sent}` : ''}`);
  }
}

/** Not where the person shall prove anew who it is, and not for a code that stands in for a lost or missing factor. */
function mayTrust({ waiting, attempt }: Known, method: Method): boolean {
  return !waiting.reauthenticate && attempt.carriedFrom === undefined && (method === 'totp' || method === 'passkey');
}
