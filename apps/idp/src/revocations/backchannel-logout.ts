/** OpenID Connect Back-Channel Logout 1.0: whom an entry reaches, and what they are told. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Target } from '@portcullis/revocation';
import type { ClientDirectory } from '#clients/directory.ts';
import { sidOf } from '#sessions/session-id.ts';
import type { JwtSigner } from '#signing-keys/jwt-signer.ts';
import { wholeSecond } from './entry.ts';
import type { Message } from './deliveries-enqueue.ts';
import { postOnce } from './deliveries-http.ts';
import type { Sender } from './deliveries-worker.ts';
import { endsSessions } from './matrix.ts';

/** Section 2.4: at most two minutes; each try makes a token of its own. */
const tokenSeconds = 120;
const event = 'http://schemas.openid.net/event/backchannel-logout';

type Grant = { id: string; clientId: string; accountId: string; sessionUid: string | null };

/**
 * One message for each session at each client with an address for it: `sub` and the `sid` of that session there.
 * An entry for a whole account names no `sid`: every session of the account at the client ends.
 */
export async function logoutMessages(em: EntityManager, target: Target): Promise<Message[]> {
  if (!endsSessions[target.kind]) return [];
  const reached = (await grantsOf(em, target)).map(({ clientId, accountId, ...grant }) => {
    const sid = target.kind === 'session' ? { sid: sidOf(grant.sessionUid ?? '', grant.id) } : undefined;
    return { recipient: clientId, payload: { sub: accountId, ...sid } };
  });
  const named = reached.filter(({ payload: { sid } }) => {
    return target.kind !== 'session' || sid === target.sid || sid?.startsWith(`${target.sid}.`);
  });
  const once = new Map(named.map((message) => [JSON.stringify(message), message]));
  return [...once.values()].map((message) => ({
    ...message,
    channel: 'backchannel_logout',
    accountId: message.payload.sub,
  }));
}

async function grantsOf(em: EntityManager, target: Target): Promise<Grant[]> {
  const [condition, values] = conditionOf(target);
  return em.execute<Grant[]>(
    `select g.id, g.client_id as "clientId", g.account_id as "accountId", g.session_uid as "sessionUid"
     from oidc_grant g join client c on c.id = g.client_id
     where c.disabled_at is null and c.metadata ->> 'backchannel_logout_uri' is not null and ${condition}`,
    values,
  );
}

function conditionOf(target: Target): [string, string[]] {
  switch (target.kind) {
    case 'session':
      return [`g.session_uid = split_part(?, '.', 1)`, [target.sid]];
    case 'account':
      return ['g.account_id = ?', [target.sub]];
    case 'account-at-client':
      return ['g.account_id = ? and g.client_id = ?', [target.sub, target.clientId]];
    case 'token':
    case 'client':
    case 'everyone':
      return ['false', []];
  }
}

/**
 * Delivered is what the client answered with 200 or 204 (section 2.8). `jti` is the same at every try, and so is `toe`, the
 * time of the event (RFC 8417): whoever hears late spares the sessions that began since.
 */
export function createBackchannelLogout({
  clients,
  signer,
}: {
  clients: Pick<ClientDirectory, 'find'>;
  signer: Pick<JwtSigner, 'sign'>;
}): Sender {
  return async ({ id, recipient, payload, createdAt }, signal) => {
    const metadata = clients.find(recipient)?.metadata;
    const uri = metadata?.['backchannel_logout_uri'];
    if (typeof uri !== 'string') return { ok: false, final: true, status: null, error: 'no address to send it to' };
    const claims = {
      ...payload,
      aud: recipient,
      jti: id,
      exp: Math.floor(Date.now() / 1000) + tokenSeconds,
      toe: wholeSecond(createdAt).getTime() / 1000,
      events: { [event]: {} },
    };
    const alg = metadata?.['id_token_signed_response_alg'] === 'ES256' ? 'ES256' : 'RS256';
    const body = new URLSearchParams({ logout_token: await signer.sign(claims, { typ: 'logout+jwt', alg }) });
    return postOnce(uri, { body, delivered: (status) => status === 200 || status === 204, signal });
  };
}
