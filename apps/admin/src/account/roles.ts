import Router from '@koa/router';
import { NewRoles } from '@portcullis/contracts';
import { readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { FieldState } from '@portcullis/ui';
import type { Context } from 'koa';
import { wordsOf } from '#i18n/messages.ts';
import type { Drafts } from '#pages/drafts.ts';
import { refusalOf } from '#pages/problem.ts';
import { doneHref } from '#pages/notices.ts';
import { administratorsOnly, freshSignIn, type OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';
import { accountIdOf } from './routes.ts';

export type RolesView = {
  action: string;
  cancelHref: string;
  name: string;
  crumbs: { label: string; href: string }[];
  roles: { name: string; value: string; label: string; hint: string; checked: boolean }[];
  others: FieldState;
  refusal: string | null;
  resumed: boolean;
  /** Set once the choice is to be confirmed. */
  review: { before: string; after: string; chosen: string[] } | null;
};

/** The roles this family of applications knows. An account may have others: applications give them their meaning. */
const KNOWN = ['admin', 'support', 'moderator', 'analyst'] as const;

type Deps = { operator: OperatorOf; show: Show; rp: Pick<RelyingParty, 'csrf' | 'stepUp'>; drafts: Drafts };
type Fields = Record<string, string>;

export function rolesRoutes({ operator, show, rp, drafts }: Deps): Router {
  const router = new Router();

  router.get('/accounts/:id/roles', administratorsOnly, freshSignIn(rp), async (ctx) => {
    const draft = drafts.take(ctx);
    const { roles } = await operator(ctx).account(accountIdOf(ctx));
    await form(ctx, draft ?? fieldsOf(roles), { resumed: draft !== undefined });
  });

  router.post('/accounts/:id/roles', administratorsOnly, readForm, rp.csrf.protect, async (ctx) => {
    const fields = ctx.request.body as Fields;
    const parsed = NewRoles.safeParse({ roles: rolesIn(fields) });
    if (!parsed.success) {
      ctx.status = 422;
      const problem = wordsOf(ctx).t('account.wrong_roles');
      return form(ctx, fields, { problem });
    }
    if (fields['step'] !== 'confirm') return form(ctx, fields, { review: parsed.data.roles });
    const outcome = await operator(ctx).setRoles(accountIdOf(ctx), parsed.data.roles);
    if (!outcome.ok) {
      ctx.status = 409;
      return form(ctx, fields, { refusal: refusalOf(outcome, ctx) });
    }
    ctx.status = 303;
    return ctx.redirect(doneHref(`/accounts/${accountIdOf(ctx)}`, 'roles-changed', outcome.data.delivery));
  });

  return router;

  async function form(
    ctx: Context,
    fields: Fields,
    state: { problem?: string; refusal?: string; resumed?: boolean; review?: string[] },
  ): Promise<void> {
    const { id, name, email, roles } = await operator(ctx).account(accountIdOf(ctx));
    const { t } = wordsOf(ctx);
    const href = `/accounts/${id}`;
    const { problem = null, refusal = null, resumed = false, review } = state;
    show.page(ctx, 'roles', t('account.roles_of', { name }), {
      action: ctx.url,
      cancelHref: href,
      name: name || email,
      crumbs: [
        { label: t('pages.accounts'), href: '/accounts' },
        { label: name || email, href },
      ],
      roles: KNOWN.map((role) => ({
        name: `role-${role}`,
        value: 'yes',
        label: role,
        hint: t(`account.role_${role}`),
        checked: fields[`role-${role}`] !== undefined,
      })),
      others: { value: fields['others'] ?? '', error: problem },
      refusal,
      resumed,
      review: review
        ? { before: roles.join(', ') || t('pages.none'), after: review.join(', ') || t('pages.none'), chosen: review }
        : null,
    });
  }
}

function rolesIn(fields: Fields): string[] {
  const ticked = KNOWN.filter((role) => fields[`role-${role}`] !== undefined);
  const others = (fields['others'] ?? '').split(/[\s,]+/).filter(Boolean);
  return [...new Set([...ticked, ...others])];
}

function fieldsOf(roles: string[]): Fields {
  const known = new Set<string>(KNOWN);
  const ticked = roles.filter((role) => known.has(role)).map((role) => [`role-${role}`, 'yes']);
  return { ...Object.fromEntries(ticked), others: roles.filter((role) => !known.has(role)).join(' ') };
}
