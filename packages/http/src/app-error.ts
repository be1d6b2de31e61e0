export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'throttled'
  | 'too_large'
  | 'unavailable';

/** `title`: heads the page that says so, where that of the status would not fit. */
type Options = { cause?: unknown; log?: string; title?: string; retryAfterSeconds?: number };

/**
 * A failure we foresaw. `message` is for the log; `publicMessage` is the only text a caller sees.
 * Anything that is not an AppError is a bug and answers 500 with no detail.
 */
export class AppError<Code extends string = string> extends Error {
  override readonly name: string = 'AppError';
  readonly kind: ErrorKind;
  readonly code: Code;
  readonly publicMessage: string;
  readonly title: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  constructor(kind: ErrorKind, code: Code, publicMessage: string, options: Options = {}) {
    super(options.log ?? publicMessage, { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.publicMessage = publicMessage;
    this.title = options.title;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
