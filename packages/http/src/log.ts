import { pino } from 'pino';

export type Log = pino.Logger;

/** Lines are written together: each by itself would cost a request as much as a question to the database. */
const together = { sync: false, minLength: 4096, periodicFlush: 100 };

/**
 * JSON lines on `destination` (default: standard output, where a line may be 100 ms late; what is there when the process
 * ends is written). No line carries a secret or a control character.
 */
export function createLog(options: { name: string; level?: string; destination?: pino.DestinationStream }): Log {
  const settings: pino.LoggerOptions = {
    name: options.name,
    level: options.level ?? 'info',
    base: { name: options.name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: scrub },
  };
  return pino(settings, options.destination ?? pino.destination(together));
}

const NAMES =
  'authorization|proxy-authorization|cookies?|set-cookie|(?:[a-z]+_?)?password(?:_?hash)?|passphrase|code_verifier|' +
  '(?:[a-z]+_?)?tokens?|(?:[a-z]+_?)?secrets?|otp|totp|pin|(?:recovery|backup)_?codes?|csrf|xsrf|assertion|client_assertion|id_token_hint|private_?key|jwk';
const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const SCALAR = String.raw`(?:${STRING}|-?\d[\d.eE+-]*)`;

const SECRET_FIELDS = new RegExp(String.raw`"(${NAMES})":(?:${SCALAR}|\[(?:${SCALAR},?)*\])`, 'gi');
/** `code` is both an authorization code and the name of an error: only what cannot be the former stays readable. */
const CODE_FIELDS = /"code":(?!"(?:E[A-Z_]+|[0-9A-Z]{5}|[a-z]+(?:_[a-z]+)*)")("(?:[^"\\]|\\.)*"|-?\d+)/g;
const PAIRS = new RegExp(String.raw`\b(${NAMES}|code|state|nonce)=[^&\s"\\;,]+`, 'gi');
const CREDENTIALS = /\b(Bearer|Basic|DPoP) [\w.~+/=-]{8,}/gi;
const JWTS = /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*){1,3}/g;
// pino escapes C0 controls; C1 controls (0x9b starts a terminal sequence) and the Unicode line ends are valid JSON.
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

/** Works on the finished line, so that it holds for child bindings, nested objects and error properties alike. */
function scrub(line: string): string {
  return line
    .replace(SECRET_FIELDS, '"$1":"[secret]"')
    .replace(CODE_FIELDS, '"code":"[secret]"')
    .replace(PAIRS, '$1=[secret]')
    .replace(CREDENTIALS, '$1 [secret]')
    .replace(JWTS, '[secret]')
    .replace(CONTROLS, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
