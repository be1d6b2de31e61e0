import { createHash } from 'node:crypto';

const patienceMs = 1000;

/**
 * Whether a password is known from a breach, asked of a range API as of Have I Been Pwned: of the password's SHA-1 five of
 * 40 digits leave this machine (k-anonymity), and the answer is padded. A service that is away or slow knows of nothing.
 */
export function createBreachedPasswords({ url }: { url: string }): (password: string) => Promise<boolean> {
  return async (password) => {
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
    const [prefix, suffix] = [hash.slice(0, 5), hash.slice(5)];
    try {
      const response = await fetch(`${url.replace(/\/$/, '')}/${prefix}`, {
        headers: { 'Add-Padding': 'true' },
        redirect: 'error',
        signal: AbortSignal.timeout(patienceMs),
      });
      return response.ok && (await response.text()).split(/\r?\n/).some((line) => counts(line, suffix));
    } catch {
      return false;
    }
  };
}

/** `<35 digits>:<times seen>`; padding was seen 0 times. */
function counts(line: string, suffix: string): boolean {
  const [listed, times] = line.split(':');
  return listed?.toUpperCase() === suffix && Number(times) > 0;
}
