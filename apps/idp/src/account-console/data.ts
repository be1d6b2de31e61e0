/** Everything we know of a person, as one JSON document that is written while it is read. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import type { AuditHistory, AuditRecord } from '#audit/history.ts';

/** A part of the document: something that can be read at once. None of it may hold a secret, or the hash of one. */
type Part = (em: EntityManager, accountId: string) => Promise<unknown>;
type Deps = { parts: Record<string, Part>; history: Pick<AuditHistory, 'all'>; now: () => Date };
export type PersonalData = ReturnType<typeof createPersonalData>;

export function createPersonalData({ parts, history, now }: Deps) {
  return { write };

  async function* write(em: EntityManager, accountId: string): AsyncGenerator<string> {
    yield `{\n"exported_at": ${JSON.stringify(now())},\n"account": ${JSON.stringify(await account(em, accountId))}`;
    for (const [name, read] of Object.entries(parts))
      yield `,\n${JSON.stringify(name)}: ${JSON.stringify(await read(em, accountId))}`;
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
