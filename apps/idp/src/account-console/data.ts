/** Everything we know of a person, as one JSON document that is written while it is read. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import type { AuditHistory, AuditRecord } from '#audit/history.ts';

/**
 * The tables that tell of a person, as the document names them. No secret is in it, nor what one could be tried against:
 * no hash of a token or code, no authenticator's key.
 */
const tables = {
  sessions: 'select uid, user_agent, address, created_at, last_used_at, expires_at from sso_session',
  applications: 'select client_id, session_uid, created_at, expires_at from oidc_grant',
  consents: 'select client_id, scopes, resources, given_at, last_used_at from consent',
  passkeys: 'select name, transports, synced, created_at, last_used_at from passkey',
  authenticators: 'select created_at, last_used_at from totp_authenticator',
  recovery_codes: 'select created_at from recovery_code',
  trusted_devices: 'select user_agent, created_at, last_used_at, expires_at from trusted_device',
  known_devices: 'select user_agent, first_seen_at, last_seen_at from known_device',
  known_places: 'select country, first_seen_at, last_seen_at from known_place',
  pictures: `select type, encode(bytes, 'base64') as base64, created_at from account_picture`,
  links_sent: 'select purpose, email, created_at, expires_at from single_use_token',
  blocks: 'select message, client_ids, banned_at, until, lifted_at from ban',
};

type Deps = { history: Pick<AuditHistory, 'all'>; now: () => Date };
export type PersonalData = ReturnType<typeof createPersonalData>;

export function createPersonalData({ history, now }: Deps) {
  return { write };

  async function* write(em: EntityManager, accountId: string): AsyncGenerator<string> {
    yield `{\n"exported_at": ${JSON.stringify(now())},\n"account": ${JSON.stringify(await account(em, accountId))}`;
    for (const [name, sql] of Object.entries(tables))
      yield `,\n"${name}": ${JSON.stringify(await em.execute(`${sql} where account_id = ?`, [accountId]))}`;
    yield ',\n"activity": [';
    let before = '\n';
    for await (const events of history.all({ accountId })) {
      yield before + events.map((event) => JSON.stringify(shown(event, accountId))).join(',\n');
      before = ',\n';
    }
    yield '\n]\n}\n';
  }
}

async function account(em: EntityManager, id: string): Promise<object> {
  const { email, emailVerified, name, roles, locale, picture, passwordChangedAt, disabledAt, deletionAt, createdAt } =
    await em.findOneOrFail(Account, { id });
  const dates = { created_at: createdAt, password_changed_at: passwordChangedAt, disabled_at: disabledAt };
  return { id, email, email_verified: emailVerified, name, roles, locale, picture, ...dates, deletion_at: deletionAt };
}

/** Who acted is told as far as it was the person; an operator's own notes on an act are not the person's data. */
function shown({ at, actor, action, clientId, detail }: AuditRecord, accountId: string): object {
  const by = actor === null ? 'system' : actor.id === accountId ? 'you' : 'operator';
  return { at, action, by, application: clientId, ...(by === 'operator' ? undefined : { detail }) };
}
