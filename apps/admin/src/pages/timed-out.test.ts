import { createVisitor, openDoor } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ada, ids, type SiteUnderTest, startSite } from '#site-under-test.ts';

let site: SiteUnderTest;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site[Symbol.asyncDispose]());

test('R-32: a form sent after the session has run out does nothing, and comes back as it was after the sign-in', async () => {
  const path = `/accounts/${ids.alice}/ban`;
  const headers: Record<string, string> = { ...openDoor.headers(ada), 'sec-fetch-site': 'same-origin' };
  const visitor = createVisitor(site.url, headers);
  const typed = { reason: 'Spam since Monday', duration: '30d', scope: 'everywhere', step: 'confirm' };
  await visitor.get(path);

  headers['x-timed-out'] = 'yes';
  const late = await visitor.submit(path, typed);
  delete headers['x-timed-out'];

  expect(late.status).toBe(401);
  expect(late.html).toContain('What you typed is kept');
  expect(late.html).toContain(`href="/sign-in?return_to&#x3D;${encodeURIComponent(path)}"`);
  expect(site.provider.asked.filter(({ what }) => what === `POST ${path}s`)).toEqual([]);
  expect((await visitor.get(path)).html).toContain('Spam since Monday');
});

test('A-03: what another site sends after the session has run out is not kept', async () => {
  const path = `/accounts/${ids.bob}/ban`;
  const headers: Record<string, string> = { ...openDoor.headers(ada), 'sec-fetch-site': 'same-site' };
  const visitor = createVisitor(site.url, headers);

  headers['x-timed-out'] = 'yes';
  expect((await visitor.submit(path, { reason: 'planted', step: 'confirm' })).status).toBe(401);
  delete headers['x-timed-out'];

  expect((await visitor.get(path)).html).not.toContain('planted');
});
