import { overviewMessages } from '#overview/messages.ts';
import type { ErrorPage } from '@portcullis/http';
import { errorPage } from '@portcullis/ui';

/** What is said of refusals, by their codes. */
export const refusals = [overviewMessages];

/** The page of everything that goes wrong in the dashboard, or on the way into it. */
export function createProblemPage(): ErrorPage {
  return errorPage('Dashboard', 'dashboard', refusals);
}
