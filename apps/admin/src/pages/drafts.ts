import type { Context } from 'koa';

const NAME = 'admin_draft';
const PIECE = 3500;
const PIECES = 4;
const LIFE_MS = 15 * 60_000;

/**
 * What had been filled in when a fresh sign-in was asked for, to be there again afterwards: in signed cookies of the
 * browser that filled it in. `https` as people reach us decides over Secure and the prefix.
 */
export function createDrafts({ https }: { https: boolean }) {
  const cookie = (index: number) => `${https ? '__Host-' : ''}${NAME}.${index}`;
  return { keep, take };

  /** For the page at this path and query. A draft longer than cookies can hold is let go. */
  function keep(ctx: Context, fields: Record<string, string>): void {
    const text = Buffer.from(JSON.stringify({ url: ctx.url, fields })).toString('base64url');
    const pieces = text.match(new RegExp(`.{1,${PIECE}}`, 'g')) ?? [];
    if (pieces.length > PIECES) return;
    for (let index = 0; index < PIECES; index += 1) put(ctx, index, pieces[index] ?? null);
  }

  /** What was kept for the page that is asked for now; once. */
  function take(ctx: Context): Record<string, string> | undefined {
    const pieces = Array.from({ length: PIECES }, (_, index) => ctx.cookies.get(cookie(index)));
    if (pieces[0] === undefined) return undefined;
    for (const [index, piece] of pieces.entries()) if (piece !== undefined) put(ctx, index, null);
    const draft = parse(pieces.join(''));
    return draft?.url === ctx.url ? draft.fields : undefined;
  }

  function put(ctx: Context, index: number, value: string | null): void {
    const attributes = { httpOnly: true, sameSite: 'lax', secure: https, path: '/', overwrite: true } as const;
    if (value === null && ctx.cookies.get(cookie(index)) === undefined) return;
    ctx.cookies.set(cookie(index), value, { ...attributes, signed: true, maxAge: LIFE_MS });
  }
}

export type Drafts = ReturnType<typeof createDrafts>;

function parse(text: string): { url: string; fields: Record<string, string> } | undefined {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as { url: string; fields: Record<string, string> };
  } catch {
    return undefined;
  }
}
