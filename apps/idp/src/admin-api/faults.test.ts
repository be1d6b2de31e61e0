import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startIdp, type TestIdp } from '#harness.ts';
import { startCable } from '#revocations/test/cable.ts';
import { startCallers, type Callers } from './test/caller.ts';

const opened = new AsyncDisposableStack();
let idp: TestIdp;
let callers: Callers;
let cable: Awaited<ReturnType<typeof startCable>>;
/** A node that reaches PostgreSQL by the cable. */
let node: string;
beforeAll(async () => {
  idp = opened.use(await startIdp());
  callers = await startCallers(idp);
  cable = opened.use(await startCable(new URL(idp.database.url)));
  node = await idp.node({ databaseUrl: cable.url });
});
afterAll(() => opened.disposeAsync());

async function asked(path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${await callers.token({ roles: ['admin'] })}` };
  return fetch(`${node}/admin-api${path}`, { headers });
}

test('F-10: while PostgreSQL is away nobody is let in on the word of a copy; afterwards all is as before', async () => {
  cable.cut();
  const response = await asked('/overview');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable', request_id: expect.any(String) });
  cable.mend();
  expect(await eventually(async () => (await asked('/overview')).ok)).toBe(true);
});

test('an export that cannot go on breaks off: nobody takes half of a log for the whole', async () => {
  await idp.sql(
    `insert into audit_event (id, at, action, detail)
     select gen_random_uuid(), now() - n * interval '1 s', 'account.signed_in', jsonb_build_object('filler', repeat('x', 1000))
     from generate_series(1, 30000) n`,
  );
  const response = await asked('/audit/export?format=ndjson');
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value?.byteLength).toBeGreaterThan(0);
  cable.cut();
  await expect(toTheEnd(reader)).rejects.toThrow('terminated');
  cable.mend();
});

async function toTheEnd(reader: ReadableStreamDefaultReader | undefined): Promise<void> {
  for (let done = false; !done;) done = (await reader?.read())?.done ?? true;
}
