import { AppError } from '@portcullis/http';
import type { Context } from 'koa';
import type { ClientDirectory } from '#clients/directory.ts';
import { hashClientSecret, matchesClientSecret } from '#clients/secrets.ts';

/** `secretHash`: of the secret it came with, which may be taken away while it is still here. */
export type FeedReader = { id: string; secretHash: string };

/** The client that asks, by HTTP Basic (RFC 6749 section 2.3.1). Throws 401, or 403 for one that is not declared as a reader. */
export function authenticateReader(ctx: Context, clients: Pick<ClientDirectory, 'find'>): FeedReader {
  const given = credentials(ctx.get('Authorization'));
  const client = given && clients.find(given.id);
  if (!given || !matchesClientSecret(client?.secretHashes ?? [], given.secret)) {
    ctx.set('WWW-Authenticate', 'Basic realm="revocations", charset="UTF-8"');
    throw new AppError('unauthenticated', 'invalid_client', 'The client could not be authenticated.');
  }
  if (client?.metadata['feed'] !== true)
    throw new AppError('forbidden', 'feed_not_allowed', 'This client is not declared as a reader of the feed.');
  return { id: given.id, secretHash: hashClientSecret(given.secret) };
}

/** Both halves are form-encoded before they are joined, so that either may hold a colon. */
function credentials(header: string): { id: string; secret: string } | undefined {
  const encoded = /^Basic +([\w+/=-]{1,2048})$/i.exec(header)?.[1];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  try {
    return { id: formDecoded(id), secret: formDecoded(secret) };
  } catch {
    return undefined;
  }
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
