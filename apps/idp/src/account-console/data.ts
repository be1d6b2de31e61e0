/** Everything we know of a person, as one JSON document that is written while it is read. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { AuditHistory, AuditRecord } from '#audit/history.ts';

/** The account itself. */
export const personalAccount = `
  select id, email, email_verified, name, roles, locale, picture, password_changed_at, disabled_at, deletion_at, created_at
  from account`;

/**
 * The tables that tell of a person, as the document names them. No secret is in it, nor what one could be tried against:
 * no hash of a token or code, no authenticator's key. `notices`: who was told that something of the person ended.
 */
export const personalTables = {
  sessions: `
    select uid, user_agent, address, created_at, last_used_at, expires_at, payload ->> 'acr' as level,
           payload -> 'amr' as methods, to_timestamp((payload ->> 'loginTs')::int) as signed_in_at
    from sso_session`,
  applications: `
    select client_id, name, session_uid, string_to_array(payload #>> '{openid,scope}', ' ') as scopes,
           payload -> 'resources' as resources, outlives_session, o.created_at, expires_at,
           (select max(used_at) from refresh_family where grant_id = o.id) as last_refreshed_at
    from oidc_grant o left join client on client.id = client_id`,
  consents: `
    select client_id, name, scopes, resources, given_at, last_used_at
    from consent left join client on client.id = client_id`,
  passkeys: 'select name, transports, synced, stands_alone, created_at, last_used_at from passkey',
  authenticators: 'select created_at, last_used_at from totp_authenticator',
  recovery_codes: 'select created_at from recovery_code',
  trusted_devices: 'select user_agent, created_at, last_used_at, expires_at from trusted_device',
  known_devices: 'select user_agent, first_seen_at, last_seen_at from known_device',
  known_places: 'select country, first_seen_at, last_seen_at from known_place',
  pictures: `select type, encode(bytes, 'base64') as base64, created_at from account_picture`,
  links_sent: 'select purpose, email, created_at, expires_at from single_use_token',
  blocks: 'select message, client_ids, banned_at, until, lifted_at from ban',
  notices: 'select channel, recipient, created_at, delivered_at, given_up_at from delivery',
};

type Deps = { history: Pick<AuditHistory, 'all'>; now: () => Date };
export type PersonalData = ReturnType<typeof createPersonalData>;

export function createPersonalData({ history, now }: Deps) {
  return { write };

  async function* write(em: EntityManager, accountId: string): AsyncGenerator<string> {
    const [account] = await em.execute<object[]>(`${personalAccount} where id = ?`, [accountId]);
    yield `{\n"exported_at": ${JSON.stringify(now())},\n"account": ${JSON.stringify(account)}`;
    for (const [name, sql] of Object.entries(personalTables))
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

/** Who acted is told as far as it was the person; an operator's own notes on an act are not the person's data. */
function shown({ at, actor, action, clientId, detail }: AuditRecord, accountId: string): object {
  const by = actor === null ? 'system' : actor.id === accountId ? 'you' : 'operator';
  return { at, action, by, application: clientId, ...(by === 'operator' ? undefined : { detail }) };
}
