import { escapeHtml, type Problem } from '@portcullis/http';

/** For an application without a look of its own: the words and the way on, and nothing around them. */
export function plainPage({ title, message, action, locale = 'en' }: Problem): string {
  const link = action ? `<p><a href="${escapeHtml(action.href)}">${escapeHtml(action.label)}</a></p>` : '';
  return `<!doctype html><html lang="${locale}"><meta charset="utf-8"><title>${escapeHtml(title)}</title><h1>${escapeHtml(title)}</h1><p>${escapeHtml(message)}</p>${link}</html>`;
}
