import type {
  AccountActivityView,
  AccountApplicationsView,
  AccountBansView,
  AccountOverviewView,
  AccountSessionsView,
} from '#account/views.ts';
import type { RolesView } from '#account/roles.ts';
import type { AccountsView } from '#accounts/views.ts';
import type { ApplicationsView } from '#applications/routes.ts';
import type { AuditView } from '#audit/filters.ts';
import type { ReceiptsView } from '#bans/receipts.ts';
import type { BansMadeView, BansView, BanView } from '#bans/routes.ts';
import type { BanFormView, BanReviewView } from '#bans/views.ts';
import type { EveryoneView } from '#everyone/routes.ts';
import type { OverviewView } from '#overview/views.ts';
import type { WebhookFormView, WebhookMadeView, WebhooksView, WebhookView } from '#webhooks/routes.ts';
import type { ConfirmView } from './confirm.ts';
import type { ProblemView } from './problems.ts';

/** Every page of the console: its name, its view model, its template. */
export type Views = {
  account: AccountOverviewView;
  accountActivity: AccountActivityView;
  accountApplications: AccountApplicationsView;
  accountBans: AccountBansView;
  accountSessions: AccountSessionsView;
  accounts: AccountsView;
  applications: ApplicationsView;
  audit: AuditView;
  ban: BanView;
  banForm: BanFormView;
  banReview: BanReviewView;
  bans: BansView;
  bansMade: BansMadeView;
  confirm: ConfirmView;
  everyone: EveryoneView;
  overview: OverviewView;
  problem: ProblemView;
  receipts: { receipts: ReceiptsView };
  roles: RolesView;
  webhook: WebhookView;
  webhookForm: WebhookFormView;
  webhookMade: WebhookMadeView;
  webhooks: WebhooksView;
};

export const templates: Record<keyof Views, URL> = {
  account: file('account/account'),
  accountActivity: file('account/activity'),
  accountApplications: file('account/applications'),
  accountBans: file('account/bans'),
  accountSessions: file('account/sessions'),
  accounts: file('accounts/accounts'),
  applications: file('applications/applications'),
  audit: file('audit/audit'),
  ban: file('bans/ban'),
  banForm: file('bans/ban-form'),
  banReview: file('bans/ban-review'),
  bans: file('bans/bans'),
  bansMade: file('bans/made'),
  confirm: file('pages/confirm'),
  everyone: file('everyone/everyone'),
  overview: file('overview/overview'),
  problem: file('pages/problem'),
  receipts: file('bans/receipts-part'),
  roles: file('account/roles'),
  webhook: file('webhooks/webhook'),
  webhookForm: file('webhooks/form'),
  webhookMade: file('webhooks/made'),
  webhooks: file('webhooks/webhooks'),
};

export const partials: Record<string, URL> = {
  'account-head': file('account/head'),
  'ban-table': file('bans/ban-table'),
  crumbs: file('pages/crumbs'),
  impact: file('bans/impact'),
  keyset: file('pages/keyset'),
  notice: file('pages/notice'),
  receipts: file('bans/receipts'),
  resumed: file('pages/resumed'),
  'search-bar': file('accounts/search-bar'),
  timeline: file('audit/timeline'),
};

/** What pages are nicer with where scripts run. */
export const scripts: Record<string, URL> = {
  'admin-picks.js': new URL('../accounts/picks.js', import.meta.url),
  'admin-receipts.js': new URL('../bans/receipts.js', import.meta.url),
};

function file(path: string): URL {
  return new URL(`../${path}.hbs`, import.meta.url);
}
