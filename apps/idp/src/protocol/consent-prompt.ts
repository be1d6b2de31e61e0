import { interactionPolicy } from 'oidc-provider';
import { coversRequest, mustBeAsked } from './grants.ts';

/** When the person is asked whether the application may. Applications of ours ask nobody, unless anybody could pretend to be them. */
export function consentPrompt(): interactionPolicy.Prompt {
  const { Check, Prompt } = interactionPolicy;
  const asked = new Check('asked', 'the person has to be asked', 'consent_required', mustBeAsked);
  const notAllowed = new Check('not_allowed', 'the person has not allowed this yet', 'consent_required', (ctx) => {
    const { client, entities } = ctx.oidc;
    return client?.['first_party'] !== true && !(entities.Grant && coversRequest(ctx, entities.Grant));
  });
  const prompt = new Prompt({ name: 'consent', requestable: true }, asked, notAllowed);
  prompt.checks.remove('consent_prompt'); // the library's own, which does not ask whose application it is
  return prompt;
}
