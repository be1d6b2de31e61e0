import type { Context } from 'koa';
import { inLanguage, localeOf } from '#i18n/locale.ts';

export function page(ctx: Context, status: number, html: string): void {
  ctx.status = status;
  ctx.type = 'html';
  ctx.body = html;
}

/** 303, in the language that the address of this request names. `path`: one of ours, without a query. */
export function seeOther(ctx: Context, path: string): void {
  const asked = ctx.query['ui_locales'];
  ctx.status = 303;
  ctx.redirect(typeof asked === 'string' ? inLanguage(path, localeOf(ctx)) : path);
}
