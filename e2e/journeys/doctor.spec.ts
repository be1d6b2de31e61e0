import { expect, test } from '../fixtures.ts';

test('the doctor finds that every application refuses a banned canary within the bound, pages and APIs', async ({
  stack,
  portcullis,
}) => {
  const { shop, forum, dashboard } = stack.urls;
  const patients = [
    [shop, '--api', `${shop}/api/orders`],
    [forum, '--api', `${forum}/api/threads`],
    [dashboard, '--role', 'analyst'],
  ];
  for (const patient of patients) {
    const findings = JSON.parse(await portcullis(['doctor', ...patient, '--json'])) as { acceptedMs: number | null }[];
    expect(findings).toHaveLength(patient.includes('--api') ? 2 : 1);
    for (const { acceptedMs } of findings) expect(acceptedMs ?? 0).toBeLessThan(5000);
  }
});
