import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CodeMethod } from './service.ts';
import { type House, type Node, openHouse } from './test/house.ts';

let house: House;
let nodes: Node[];
beforeAll(async () => {
  house = await openHouse();
  nodes = [house.node(), house.node(), house.node()];
});
afterAll(() => house.close());

const binding = 'a sign-in';
let next = 0;
const anyNode = (): Node => nodes[next++ % nodes.length] as Node;
const parallel = <T>(times: number, act: (node: Node, i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, i) => act(anyNode(), i)));
const fromAnywhere = (i: number): string => `192.0.${i >> 8}.${i & 255}`;

test('R-46: one code of an authenticator, shown 20 times at once over three nodes, is right once', async () => {
  const { accountId, codeIn } = await house.withTotp();

  const answers = await parallel(20, ({ totp }) => totp.verify(house.em(), { accountId, code: codeIn(0) }));

  expect(answers.filter(Boolean)).toHaveLength(1);
});

test('R-46: codes of the step before and of the next are right, those further off are not, nor any older than one used', async () => {
  const { totp } = anyNode();
  const { accountId, codeIn } = await house.withTotp();
  const verify = (steps: number) => totp.verify(house.em(), { accountId, code: codeIn(steps) });

  expect(await verify(-2)).toBe(false);
  expect(await verify(2)).toBe(false);
  expect(await verify(-1)).toBe(true);
  expect(await verify(1)).toBe(true);
  expect(await verify(0)).toBe(false);
});

test('R-47: a recovery code used 20 times at once over three nodes is right once, and one less is left', async () => {
  const { accountId } = await house.person();
  const { recoveryCodes } = anyNode();
  const [code = ''] = await recoveryCodes.make(house.em(), { accountId, actor: accountId });

  const answers = await parallel(20, (node) => node.recoveryCodes.use(house.em(), { accountId, code }));

  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await recoveryCodes.left(house.em(), accountId)).toBe(9);
  expect(await house.events(accountId)).toContainEqual({ action: 'recovery_codes.used', detail: { left: 9 } });
});

test('R-45: a mailed code used 20 times at once is right once, and only in its sign-in and for its account', async () => {
  const { accountId } = await house.person();
  const stranger = (await house.person()).accountId;
  const { emailCodes } = anyNode();
  const code = await mailedCode(accountId);
  const verify = (o: { accountId: string; binding: string }) => emailCodes.verify(house.em(), { ...o, code });

  const [issued] = (
    await house.pool.query('select expires_at - created_at = $2 as right from single_use_token where account_id = $1', [
      accountId,
      '10 minutes',
    ])
  ).rows;
  expect(issued).toEqual({ right: true });
  await aMinuteLater();
  const earlier = await mailedCode(accountId);
  expect(await verify({ accountId, binding: 'another sign-in' })).toBe(false);
  expect(await verify({ accountId: stranger, binding })).toBe(false);
  const answers = await parallel(20, (node) => node.emailCodes.verify(house.em(), { accountId, binding, code }));

  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await emailCodes.verify(house.em(), { accountId, binding, code: earlier })).toBe(false);
});

test.each<CodeMethod>(['totp', 'recovery_code', 'email_code'])(
  'A-24: of 200 wrong guesses (%s) at once over three nodes five are tested; then the right code waits too, and longer each time',
  async (method) => {
    const { accountId, codeIn } = await house.withTotp();
    const { recoveryCodes } = anyNode();
    const [recoveryCode = ''] = await recoveryCodes.make(house.em(), { accountId, actor: accountId });
    const right = { totp: codeIn(0), recovery_code: recoveryCode, email_code: await mailedCode(accountId) }[method];
    const guess = (node: Node, code: string, i = 0) =>
      node.secondFactors.verify(house.em(), { accountId, method, code, binding, address: fromAnywhere(i) });
    const minutesToWait = async () => {
      const answer = await guess(anyNode(), right);
      return 'retryAfterSeconds' in answer ? Math.ceil(answer.retryAfterSeconds / 60) : 0;
    };
    const wrong = method === 'totp' && right === '000000' ? '000001' : '000000';

    const answers = await parallel(200, (node, i) => guess(node, wrong, i));

    expect(answers.filter((answer) => !answer.ok && answer.reason === 'wrong_code')).toHaveLength(5);
    expect(await minutesToWait()).toBe(5);
    await lockEnds();
    await parallel(5, (node, i) => guess(node, wrong, i));
    expect(await minutesToWait()).toBe(10);
    await lockEnds();
    await parallel(4, (node) => guess(node, wrong));
    expect(await guess(anyNode(), right)).toEqual({ ok: true }); // and the account starts afresh
    expect(await parallel(4, (node) => guess(node, wrong))).not.toContainEqual(
      expect.objectContaining({ reason: 'throttled' }),
    );
  },
);

test('R-45: passwords and factors are guessed at in one count, and a right password does not clear it while a factor is wanted', async () => {
  const { accountId, email } = await house.withTotp();
  const address = '192.0.2.1';
  const password = async (outcome: 'wrong' | 'right') => {
    const place = await anyNode().throttle.reserve({ account: email, address });
    if (place.ok && outcome === 'right') await place.untested();
    return place.ok;
  };
  const factor = () =>
    anyNode().secondFactors.verify(house.em(), {
      accountId,
      method: 'totp',
      code: '000000',
      binding,
      address,
    });
  for (let i = 0; i < 4; i += 1) expect(await password('wrong')).toBe(true);
  for (let i = 0; i < 5; i += 1) {
    expect(await password('right')).toBe(true);
    expect(await factor()).toEqual({ ok: false, reason: 'wrong_code' });
  }

  expect(await password('wrong')).toBe(true); // the tenth
  expect(await password('wrong')).toBe(false);
});

test('A-26: six mailed codes an hour go to one account, whichever node is asked', async () => {
  const { accountId } = await house.person();
  const answers = await parallel(10, ({ emailCodes }) =>
    emailCodes.send(house.em(), { accountId, binding: randomUUID(), locale: 'en' }),
  );

  expect(answers.filter(({ ok }) => ok)).toHaveLength(6);
  expect(answers).toContainEqual({ ok: false, reason: 'throttled', retryAfterSeconds: 3600 });
  expect(await house.letters(accountId)).toHaveLength(6);
});

test('A-26: one mailed code a minute is sent for a sign-in, of many asked for at once on all nodes', async () => {
  const { accountId } = await house.person();
  const ask = () => parallel(4, (node) => node.emailCodes.send(house.em(), { accountId, binding, locale: 'en' }));
  const { emailCodes } = anyNode();
  expect(await emailCodes.waitSeconds({ accountId, binding })).toBe(0);

  const answers = [...(await ask()), ...(await ask())];

  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  const early = answers.filter((answer) => !answer.ok && answer.reason === 'sent_just_now');
  expect(early).toHaveLength(7);
  const wait = await emailCodes.waitSeconds({ accountId, binding });
  expect([wait > 50, wait <= 60]).toEqual([true, true]);
  expect(await house.letters(accountId)).toHaveLength(1);

  await aMinuteLater();
  expect((await ask()).filter(({ ok }) => ok)).toHaveLength(1);
});

test('A-24: what a code cannot be is refused like a wrong one, and counted', async () => {
  const { accountId } = await house.withTotp();
  const { secondFactors } = anyNode();

  for (const code of ['', 'abcdef', '１２３４５６', '0'.repeat(10_000), '12345'])
    expect(
      await secondFactors.verify(house.em(), { accountId, method: 'totp', code, binding, address: '192.0.2.1' }),
    ).toEqual({ ok: false, reason: 'wrong_code' });

  expect(await house.events(accountId)).toContainEqual({
    action: 'factor.refused',
    detail: { method: 'totp', address: '192.0.2.1' },
  });
  expect(await secondFactors.of(accountId)).toEqual({ totp: true, passkeys: 0, recoveryCodes: 0 });
});

/** As far as sending codes goes. */
async function aMinuteLater(): Promise<void> {
  await house.redis.del(await house.redis.keys('portcullis:email-code-sent:*'));
}

async function mailedCode(accountId: string): Promise<string> {
  const { emailCodes, letters } = anyNode();
  expect(await emailCodes.send(house.em(), { accountId, binding, locale: 'de' })).toEqual({ ok: true });
  const letter = (await house.letters(accountId)).findLast(({ kind }) => kind === 'email_code');
  if (!letter) throw new Error('no letter was asked for');
  const composed = await house.em().transactional((em) => letters.email_code(em, letter));
  expect(composed).toMatchObject({ locale: 'de', heading: 'Ihr Anmeldecode', code: expect.stringMatching(/^\d{8}$/) });
  expect(JSON.stringify(letter)).not.toContain(composed?.code);
  return composed?.code ?? '';
}

/** Ends the running locks as time would, and keeps the memory of how often there was one. */
async function lockEnds(): Promise<void> {
  const keys = await house.redis.keys('throttle:*');
  await house.redis.del(keys.filter((key) => !key.endsWith(':locks')));
}
