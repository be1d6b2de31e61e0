import { type IdpWords, wordsIn } from '#i18n/messages.ts';
import type { Problem, Refusal } from './refusals.ts';
import type { Flow } from './views.ts';

export type Notice = { tone: 'danger' | 'warning'; text: string } | null;

/** Why a step was not accepted, over its form. */
export function noticeOf(flow: Flow, refusal: Refusal | undefined): Notice {
  if (!refusal) return null;
  const { t } = wordsIn(flow.locale);
  const { problem } = refusal;
  return { tone: 'retryAfterSeconds' in problem ? 'warning' : 'danger', text: textOf(t, problem) };
}

/** What is wrong with the code stands at its field; everything else above the form. */
export function codeErrorOf(flow: Flow, refusal: Refusal | undefined): string | null {
  const reason = refusal?.problem.reason;
  return reason === 'wrong_code' || reason === 'code_missing' ? wordsIn(flow.locale).t(`sign_in.${reason}`) : null;
}

function textOf(t: IdpWords['t'], problem: Problem): string {
  if ('retryAfterSeconds' in problem)
    return t(`sign_in.${problem.reason}`, { wait: waitText(t, problem.retryAfterSeconds) });
  if (problem.reason === 'passkey') return t(`passkeys.${problem.because}`);
  return t(`sign_in.${problem.reason}`);
}

/** Rounded up: whoever comes back when told to is let in. */
function waitText(t: IdpWords['t'], seconds: number): string {
  if (seconds < 60) return t('sign_in.seconds', { count: seconds });
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120
    ? t('sign_in.minutes', { count: minutes })
    : t('sign_in.hours', { count: Math.ceil(minutes / 60) });
}
