import Router from '@koa/router';
import { locales } from '@portcullis/ui';
import type { Context } from 'koa';
import { z } from 'zod';
import type { UnitOfWork } from '#database/orm.ts';
import { forgetPickedLocale } from '#i18n/picker.ts';
import { type Door, fieldsOf, type Person, redirect } from './door.ts';
import type { Notices } from './notices.ts';
import { maxPictureBytes, picturePath, type PictureRefusal, type Pictures } from './pictures.ts';
import { Profile, type Profiles } from './profile.ts';
import type { Show } from './show.ts';
import { readUpload } from './upload.ts';

type Deps = {
  door: Door;
  profiles: Profiles;
  pictures: Pictures;
  show: Show;
  notices: Notices;
  withEm: UnitOfWork;
};

/** What a form may bring back to its page. */
type Refused = { name?: { value: string; error: string }; locale?: string; picture?: PictureRefusal };

const TypedProfile = z.strictObject({ name: z.string(), locale: z.string() });
const Upload = z.strictObject({ picture: z.instanceof(Buffer) });
const Nothing = z.strictObject({});
const languages = { en: 'English', de: 'Deutsch', es: 'Español' };

export function profileRoutes({ door, profiles, pictures, show, notices, withEm }: Deps): Router {
  const router = new Router();

  router.get(
    '/account',
    door.page(async (ctx, _em, person) => profilePage(ctx, person)),
  );

  router.post(
    '/account/profile',
    door.act('/account', async (ctx, em, person) => {
      const typed = fieldsOf(ctx, TypedProfile);
      const profile = Profile.safeParse(typed);
      if (!profile.success) {
        const error = person.words.t(typed.name.trim() === '' ? 'account.name_missing' : 'account.name_invalid');
        return profilePage(ctx, person, { name: { value: typed.name, error }, locale: typed.locale });
      }
      await profiles.change(em, person.account.id, profile.data);
      forgetPickedLocale(ctx);
      notices.leave(ctx, 'account.done_saved');
      redirect(ctx, '/account');
    }),
  );

  router.post(
    '/account/picture',
    door.act(
      '/account',
      async (ctx, em, person) => {
        const { picture: bytes } = fieldsOf(ctx, Upload);
        const kept = await pictures.keep(em, { accountId: person.account.id, bytes });
        if (!kept.ok) return profilePage(ctx, person, { picture: kept.reason });
        notices.leave(ctx, 'account.done_picture_saved');
        redirect(ctx, '/account');
      },
      readUpload,
    ),
  );

  router.post(
    '/account/picture/remove',
    door.act('/account', async (ctx, em, { account }) => {
      fieldsOf(ctx, Nothing);
      await pictures.remove(em, account.id);
      notices.leave(ctx, 'account.done_picture_removed');
      redirect(ctx, '/account');
    }),
  );

  /** Only ever an image, whatever somebody put into it, and for the pages of applications too. */
  router.get(
    '/pictures/:id',
    withEm(async (ctx, em) => {
      const picture = await pictures.find(em, String(ctx['params'].id));
      if (!picture) return;
      ctx.set('Content-Type', picture.type);
      ctx.set('Content-Security-Policy', "default-src 'none'; sandbox");
      ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
      ctx.set('Cache-Control', 'public, max-age=3600');
      ctx.body = picture.bytes;
    }),
  );

  return router;

  function profilePage(ctx: Context, person: Person, refused?: Refused): void {
    const { account, words } = person;
    const chosen = refused?.locale ?? account.locale ?? '';
    show(ctx, person, 'account-profile', 'account.profile_title', {
      status: refused ? 422 : 200,
      view: {
        name: refused?.name ?? { value: account.name, error: null },
        language: {
          value: chosen,
          error: null,
          options: [
            { value: '', label: words.t('account.language_browser'), selected: chosen === '' },
            ...locales.map((value) => ({ value, label: languages[value], selected: value === chosen })),
          ],
        },
        email: account.email,
        emailVerified: account.emailVerified,
        picture: account.picture === null ? null : picturePath(account.picture),
        initial: initialOf(account.name),
        pictureError: refused?.picture ? words.t(`account_picture.${refused.picture}`) : null,
        pictureMaxBytes: maxPictureBytes,
      },
    });
  }
}

export function initialOf(name: string): string {
  return String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase();
}
