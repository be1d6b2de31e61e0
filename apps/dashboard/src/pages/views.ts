import type { OverviewView } from '#overview/views.ts';

/** Every page of the dashboard: its name, its view model, its template. */
export type Views = {
  overview: OverviewView;
  welcome: { signInHref: string };
};

export const templates: Record<keyof Views, URL> = {
  overview: new URL('../overview/overview.hbs', import.meta.url),
  welcome: new URL('../overview/welcome.hbs', import.meta.url),
};

export const partials = { chart: new URL('../overview/chart.hbs', import.meta.url) };
