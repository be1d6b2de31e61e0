import { z } from 'zod';

/** A string that prints as `[secret]` wherever it leaks into a log, a template or an error. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

/** The configuration cannot be used. `problems` has one line per bad variable and never a value. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The configuration has ${problems.length} problem(s):\n${problems.map((p) => `  ${p}`).join('\n')}`);
    this.problems = problems;
  }
}

export function secret(minLength = 1): z.ZodType<Secret> {
  return z
    .string()
    .min(minLength)
    .transform((value) => new Secret(value));
}

/** Comma separated. The first is used to sign or encrypt, all of them to verify: that is how a key is rotated. */
export function secretList(minLength = 1): z.ZodType<[Secret, ...Secret[]]> {
  return z
    .string()
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .pipe(z.tuple([z.string().min(minLength)], z.string().min(minLength)))
    .transform(([first, ...others]): [Secret, ...Secret[]] => [
      new Secret(first),
      ...others.map((entry) => new Secret(entry)),
    ]);
}

/** Every bad variable is named at once, so a deployment is fixed in one round. Throws ConfigError. */
export function parseEnv<T extends z.ZodRawShape>(
  shape: T,
  env: Record<string, string | undefined>,
): z.infer<z.ZodObject<T>> {
  // An empty variable means "unset": compose files and CI write FOO= for absent values.
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = z.object(shape).safeParse(present);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return present[name] === undefined ? `${name}: is required` : `${name}: ${issue.message}`;
    }),
  );
}

/** For main.ts: what `load` answers, or one clear message and exit code 1 when the configuration cannot be used. */
export function configOrExit<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
