import { wordsIn } from '#i18n/messages.ts';
import type { WaitingInteraction } from '#protocol/interactions.ts';
import { chrome, type Framed } from '#views/chrome.ts';
import { type Asked, questionOf, type Reader } from './asked.ts';
import type { Allowed } from './service.ts';

export type ConsentView = Framed & {
  client: { name: string; logoUrl: string | null; initial: string; policyUrl: string | null; tosUrl: string | null };
  heading: string;
  /** Where the answer goes, in ASCII: names in other scripts can look like anybody's. */
  domain: string;
  person: { name: string; email: string; initial: string };
  /** `first`: it was allowed nothing before. */
  first: boolean;
  fresh: Asked[];
  already: Asked[];
  action: string;
  otherAccountAction: string;
  csrf: string;
};

type Asking = Reader & {
  waiting: Pick<WaitingInteraction, 'uid' | 'client' | 'redirectUri'>;
  wanted: Allowed;
  allowed: Allowed;
  person: { name: string; email: string };
  csrf: string;
};

export function consentPath(uid: string): string {
  return `/sign-in/${uid}/consent`;
}

export function consentView({ waiting, wanted, allowed, person, csrf, locale, familyResource }: Asking): ConsentView {
  const { t } = wordsIn(locale);
  const { name, logoUrl, policyUrl, tosUrl, hue } = waiting.client;
  const { fresh, already } = questionOf(wanted, allowed, { email: person.email, locale, familyResource });
  const first = already.length === 0;
  return {
    chrome: chrome(t('consent.title'), locale, { hue }),
    client: { name, logoUrl, initial: initialOf(name), policyUrl, tosUrl },
    heading: t(first || fresh.length === 0 ? 'consent.heading' : 'consent.heading_more', { client: name }),
    domain: new URL(waiting.redirectUri).host,
    person: { ...person, initial: initialOf(person.name) },
    first,
    fresh,
    already,
    action: consentPath(waiting.uid),
    otherAccountAction: `${consentPath(waiting.uid)}/other-account`,
    csrf,
  };
}

function initialOf(name: string): string {
  return String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase();
}
