import { maxPasswordBytes } from './passwords.ts';
import type { Question, Strength } from './password-strength.ts';

export type PasswordWeakness = 'too_short' | 'too_long' | 'too_common' | 'too_easy' | 'breached';
type Judgement = { ok: true } | { ok: false; reason: PasswordWeakness };

/** Whose password it is to be: what an attacker knows of the person, and whether the password stands alone. */
type Owner = { email: string; name: string; secondFactor?: boolean };

/** Of a password that is the only factor, and of one that is not. `score`: 3 is a hundred million guesses. */
const leastAlone = { characters: 15, score: 3 };
const leastWithSecondFactor = { characters: 8, score: 2 };

type Deps = {
  strength: (question: Question) => Promise<Strength>;
  /** Whether the password is known from a breach; left out where there is no network. */
  breached?: (password: string) => Promise<boolean>;
  /** The name people know this installation by. */
  product: string;
};
export type PasswordPolicy = ReturnType<typeof createPasswordPolicy>;

/** Which passwords may be set: length, lists and guessability; any characters, no composition rules, no rotation. */
export function createPasswordPolicy({ strength, breached = () => Promise.resolve(false), product }: Deps) {
  return { judge };

  async function judge(typed: string, { email, name, secondFactor = false }: Owner): Promise<Judgement> {
    if (typed.length > maxPasswordBytes) return weak('too_long');
    const password = typed.normalize('NFKC');
    if (Buffer.byteLength(password) > maxPasswordBytes) return weak('too_long');
    const least = leastOf(secondFactor);
    if (lengthOf(password) < least.characters) return weak('too_short');
    const context = contextOf([email, name, product]);
    if (lengthOf(without(context, password)) < least.characters / 2) return weak('too_easy');
    const { score, common } = await strength({ password, context });
    if (score < least.score) return weak(common ? 'too_common' : 'too_easy');
    return (await breached(password)) ? weak('breached') : { ok: true };
  }
}

export function leastPasswordCharacters({ secondFactor }: { secondFactor: boolean }): number {
  return leastOf(secondFactor).characters;
}

function leastOf(secondFactor: boolean): typeof leastAlone {
  return secondFactor ? leastWithSecondFactor : leastAlone;
}

function weak(reason: PasswordWeakness): Judgement {
  return { ok: false, reason };
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** What is left of a password when everything in it goes that an attacker knows. */
function without(context: string[], password: string): string {
  return context.reduce((left, known) => left.replaceAll(known, ''), password.toLowerCase());
}

/** Whole and in words: of `Mara Gate <mara.gate@example.org>` also `mara`, `gate` and `example`. */
function contextOf(known: string[]): string[] {
  const texts = known.map((text) => text.normalize('NFKC').toLowerCase().slice(0, 320));
  const words = texts.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length > 2);
  return [...new Set([...texts, ...words])].filter(Boolean).slice(0, 32);
}
