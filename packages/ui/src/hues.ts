const STEP = 5;

/** The class that gives a page its hue (in degrees), to the nearest of those the style sheet has: CSP forbids inline styles. */
export function hueClass(degrees: number): string {
  return `hue-${(Math.round(degrees / STEP) * STEP) % 360}`;
}

/** The rules of all those classes. */
export function hueRules(): string {
  const hues = Array.from({ length: 360 / STEP }, (_, index) => index * STEP);
  return hues.map((hue) => `.hue-${hue}{--hue:${hue}}`).join('\n');
}
