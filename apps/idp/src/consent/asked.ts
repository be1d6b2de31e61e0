import { ADMIN_RESOURCE } from '@portcullis/contracts';
import type { Locale } from '@portcullis/ui';
import { wordsIn } from '#i18n/messages.ts';
import type { Allowed } from './service.ts';

/** One thing an application asks for, in plain words. */
export type Asked = { icon: string; text: string; hint: string };
/** `fresh`: what has not been allowed before. */
export type Question = { fresh: Asked[]; already: Asked[] };

const icons = { openid: 'user', profile: 'circle-user-round', email: 'mail', offline_access: 'clock' } as const;
const resourceIcons = { family: 'layout-grid', admin: 'shield', resource: 'globe' } as const;

/** `familyResource`: what the applications of this deployment share. */
export type Reader = { locale: Locale; familyResource: string };

/** What of it anybody can be asked for: scopes that mean nothing here are never granted, so they are not mentioned. */
export function askable({ scopes, resources: named }: Allowed): Allowed {
  return { scopes: scopes.filter((scope) => scope in icons), resources: named };
}

export function questionOf(
  wanted: Allowed,
  allowed: Allowed,
  { email, locale, familyResource }: Reader & { email: string },
): Question {
  const scopes = splitBy(wanted.scopes, allowed.scopes);
  const named = splitBy(wanted.resources, allowed.resources);
  const say = (some: Allowed): Asked[] => [
    ...some.scopes.map((scope) => ofScope(scope as keyof typeof icons)),
    ...some.resources.map(ofResource),
  ];
  return {
    fresh: say({ scopes: scopes.fresh, resources: named.fresh }),
    already: say({ scopes: scopes.already, resources: named.already }),
  };

  function ofScope(scope: keyof typeof icons): Asked {
    const { t } = wordsIn(locale);
    return { icon: icons[scope], text: t(`consent.${scope}`), hint: t(`consent.${scope}_hint`, { email }) };
  }

  function ofResource(resource: string): Asked {
    const { t } = wordsIn(locale);
    const kind = kindOf(resource, familyResource);
    return { icon: resourceIcons[kind], text: t(`consent.${kind}`, { resource }), hint: t(`consent.${kind}_hint`) };
  }
}

/** What an application may get at besides the account itself, said in a list of what it may see. */
export function reachOf(resource: string, { locale, familyResource }: Reader): string {
  return wordsIn(locale).t(`consent.reach_${kindOf(resource, familyResource)}`, { resource });
}

function kindOf(resource: string, familyResource: string): keyof typeof resourceIcons {
  if (resource === ADMIN_RESOURCE) return 'admin';
  return resource === familyResource ? 'family' : 'resource';
}

function splitBy(wanted: string[], allowed: string[]): { fresh: string[]; already: string[] } {
  return {
    fresh: wanted.filter((one) => !allowed.includes(one)),
    already: wanted.filter((one) => allowed.includes(one)),
  };
}
