import { z } from 'zod';

const TEXT = 5000;
const TITLE = 120;

/** Plain text with line breaks. Browsers send them as CR LF; we keep LF. */
const body = z
  .string()
  .transform((text) => text.replaceAll('\r\n', '\n').trim())
  .pipe(
    z
      .string()
      .min(1, 'Write something first.')
      .max(TEXT, `At most ${TEXT} characters, please.`)
      .regex(/^[\P{Cc}\n\t]*$/u, 'Plain text only, please: there is a control character in it.'),
  );

const title = z
  .string()
  .trim()
  .min(3, 'A title of at least three characters, please.')
  .max(TITLE, `At most ${TITLE} characters, please.`)
  .regex(/^\P{Cc}*$/u, 'One line of plain text, please.');

/** `request_id` is the form's own number: sending a form twice is one thread or reply. */
export const NewThreadForm = z.strictObject({ title, body, request_id: z.uuid() });
export const ReplyForm = z.strictObject({ body, request_id: z.uuid() });
