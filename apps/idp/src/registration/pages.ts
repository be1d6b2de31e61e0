import type { ConfirmEmailView } from '#email-change/views.ts';
import type { LinkRequestView, LinkSentView, NoticeView } from '#link-request/views.ts';
import type { ResetPasswordView } from '#recovery/views.ts';
import type { ConfirmRegistrationView } from './views.ts';

/** The pages of asking for a link, and of what the links lead to. */
export type LinkViews = {
  'confirm-email': ConfirmEmailView;
  'confirm-registration': ConfirmRegistrationView;
  'link-request': LinkRequestView;
  'link-sent': LinkSentView;
  notice: NoticeView;
  'reset-password': ResetPasswordView;
  'undo-email': ConfirmEmailView;
};

export const linkTemplates: Record<keyof LinkViews, URL> = {
  'confirm-email': new URL('../email-change/confirm-email.hbs', import.meta.url),
  'confirm-registration': new URL('./confirm-registration.hbs', import.meta.url),
  'link-request': new URL('../link-request/link-request.hbs', import.meta.url),
  'link-sent': new URL('../link-request/link-sent.hbs', import.meta.url),
  notice: new URL('../link-request/notice.hbs', import.meta.url),
  'reset-password': new URL('../recovery/reset-password.hbs', import.meta.url),
  'undo-email': new URL('../email-change/undo-email.hbs', import.meta.url),
};
