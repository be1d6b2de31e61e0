import { randomUUID } from 'node:crypto';
import { generate } from 'otplib';
import type { Letter } from '../pages/mail-inbox.ts';
import { newVisitor } from '../visitor.ts';
import { applicationOf } from './people.ts';
import { openLetter, type Walk } from './walk.ts';

const languages = ['de', 'es'];
const password = 'a heron sells umbrellas';

/** Every kind of letter in the other languages; who gets them has a browser without a window. */
export const letters: Walk = async ({ page, stack, portcullis, inbox, at }) => {
  const { idp, shop } = stack.urls;
  const request = await applicationOf({ stack, portcullis }, `mailed-${randomUUID().slice(0, 8)}`, {
    minimumAcr: 'urn:portcullis:acr:email-code',
  });
  for (const language of languages) {
    const arrived = async (address: string, name: string): Promise<Letter> => {
      const letter = await inbox.letterTo(address);
      await openLetter(page, letter);
      await at(`letter, ${name}, ${language}`);
      return letter;
    };
    const [first, second] = ['first', 'second'].map((mark) => `${mark}-${randomUUID().slice(0, 8)}@example.org`);
    if (!first || !second) return;
    const reader = await newVisitor(stack, { language });
    const submit = async (url: string, fields: Record<string, string>, to = '') =>
      reader.submit(await reader.open(url), fields, { to });

    await submit(`${idp}/register`, { email: first });
    const [join = ''] = (await arrived(first, 'registration')).links;
    await submit(join, { name: 'Nora Neuer', password });
    await submit(`${idp}/register`, { email: first });
    await arrived(first, 'already registered');
    await submit(`${idp}/reset-password`, { email: first });
    const [reset = ''] = (await arrived(first, 'password reset')).links;
    await submit(reset, { password: `${password} daily` });
    await arrived(first, 'password changed');
    const person = { email: first, password: `${password} daily` };
    await reader.submit(await reader.open(`${idp}/account`), person);
    const stranger = await newVisitor(stack, { language });
    await stranger.submit(await stranger.open(`${shop}/sign-in`), person);
    await arrived(first, 'new sign-in');
    await stranger.submit(await stranger.open(request), {}, { to: '/mail' });
    await arrived(first, 'code');

    await submit(`${idp}/account/email`, { email: second }, '/email');
    const [confirm = ''] = (await arrived(second, 'new address')).links;
    await submit(confirm, {});
    await arrived(first, 'address was changed');
    await submit(`${idp}/account/delete`, { email: second }, '/delete');
    const [keep = ''] = (await arrived(second, 'to be deleted')).links;
    await submit(keep, {});
    await arrived(second, 'account stays');
    const authenticator = await reader.open(`${idp}/account/security/authenticator`);
    const secret = /class="secret-key"[^>]*>([^<]+)/.exec(authenticator.text)?.[1]?.replaceAll(/\s/g, '') ?? '';
    await reader.submit(authenticator, { code: await generate({ secret }) }, { to: '/authenticator' });
    await arrived(second, 'authenticator or its recovery codes');
    await arrived(second, 'the other of the two');
    await Promise.all([reader.close(), stranger.close()]);
  }
};
