import { z } from 'zod';
import type { ForumWords } from '#i18n/messages.ts';

const TEXT = 5000;
const TITLE = 120;

/** The forms that write, which say in these words what is wrong. `request_id` is the form's own number: sending a form twice is one thread or reply. */
export function writingForms({ t }: ForumWords) {
  /** Plain text with line breaks. Browsers send them as CR LF; we keep LF. */
  const body = z
    .string()
    .transform((text) => text.replaceAll('\r\n', '\n').trim())
    .pipe(
      z
        .string()
        .min(1, t('threads.body_missing'))
        .max(TEXT, t('threads.too_long', { most: TEXT }))
        .regex(/^[\P{Cc}\n\t]*$/u, t('threads.body_plain')),
    );
  const title = z
    .string()
    .trim()
    .min(3, t('threads.title_short'))
    .max(TITLE, t('threads.too_long', { most: TITLE }))
    .regex(/^\P{Cc}*$/u, t('threads.title_plain'));

  return {
    newThread: z.strictObject({ title, body, request_id: z.uuid() }),
    reply: z.strictObject({ body, request_id: z.uuid() }),
  };
}
