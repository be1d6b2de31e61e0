import { expect } from '@playwright/test';

export type Letter = {
  id: string;
  subject: string;
  text: string;
  html: string;
  /** Every address in the plain text, as it stands there. */
  links: string[];
  /** The eight digits to be typed, where there are any. */
  code: string | undefined;
};
type Told = Pick<Letter, 'id' | 'subject' | 'text' | 'html'>;

/** Everything that was mailed, as the stack's local inbox tells it: no page, its REST API. */
export class MailInbox {
  readonly #url: string;
  readonly #read = new Set<string>();

  constructor(url: string) {
    this.#url = url;
  }

  /** Waits for the newest letter to this address, of those that were not handed out before. `subject`: a part of it. */
  async letterTo(address: string, { subject = '' }: { subject?: string } = {}): Promise<Letter> {
    let letter: Letter | undefined;
    await expect(async () => {
      const unread = (await this.all(address)).filter(({ id }) => !this.#read.has(id));
      letter = unread.findLast((it) => it.subject.includes(subject));
      expect(letter, `a letter to ${address}`).toBeDefined();
    }).toPass({ timeout: 10_000, intervals: [50, 100, 250] });
    if (!letter) throw new Error('no letter came');
    this.#read.add(letter.id);
    return letter;
  }

  /** Oldest first. */
  async all(address: string): Promise<Letter[]> {
    const response = await fetch(`${this.#url}/email?${new URLSearchParams({ 'envelope.to.address': address })}`);
    return ((await response.json()) as Told[]).map(letterOf);
  }
}

function letterOf({ id, subject, text, html }: Told): Letter {
  return { id, subject, text, html, links: text.match(/https?:\/\/\S+/g) ?? [], code: /: (\d{8})$/m.exec(text)?.[1] };
}
