import { expect, test } from 'vitest';
import { oklch, palettesOf } from './colours.ts';

test.each([
  ['#ffffff', 1, 0, 0],
  ['#000000', 0, 0, 0],
  ['#ff0000', 0.62796, 0.25768, 29.2339],
  ['#00ff00', 0.86644, 0.29483, 142.4953],
  ['#0000ff', 0.45201, 0.31321, 264.052],
])('%s is what CSS makes of it', (hex, lightness, chroma, hue) => {
  expect(oklch(lightness, chroma, hue)).toBe(hex);
});

test('whatever the hue of the brand, letters can be read by day and by night (WCAG 2.2, 1.4.3)', () => {
  const tooFaint: string[] = [];
  for (let hue = 0; hue < 360; hue += 10) {
    for (const [when, it] of Object.entries(palettesOf(hue))) {
      const pairs = [
        [it.ink, it.surface],
        [it.soft, it.surface],
        [it.accent, it.surface],
        [it.ink, it.sunken],
        [it.onAccent, it.accent],
      ] as const;
      for (const [ink, paper] of pairs)
        if (contrast(ink, paper) < 4.5) tooFaint.push(`${hue} ${when}: ${ink} on ${paper}`);
    }
  }
  expect(tooFaint).toEqual([]);
});

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
