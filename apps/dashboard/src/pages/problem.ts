import { overviewMessages } from '#overview/messages.ts';
import type { ErrorPage } from '@portcullis/http';
import { errorPage } from '@portcullis/ui';

/** The page of everything that goes wrong in the dashboard, or on the way into it. */
export function createProblemPage(): ErrorPage {
  return errorPage('Dashboard', 'dashboard', [overviewMessages]);
}
