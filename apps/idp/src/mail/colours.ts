/** The colours of our pages (tokens.css of @portcullis/ui), written as mail programs know them. */

export type Palette = Record<'ground' | 'surface' | 'sunken' | 'line' | 'ink' | 'soft' | 'accent' | 'onAccent', string>;

const ownHue = 268;

/** By day and by night, around one hue in degrees; ours where null. */
export function palettesOf(hue: number | null): { light: Palette; dark: Palette } {
  const at = (lightness: number, chroma: number): string => oklch(lightness, chroma, hue ?? ownHue);
  return {
    light: {
      ground: at(0.976, 0.004),
      surface: at(1, 0),
      sunken: at(0.962, 0.006),
      line: at(0.908, 0.008),
      ink: at(0.25, 0.02),
      soft: at(0.47, 0.018),
      accent: at(0.47, 0.155),
      onAccent: at(1, 0),
    },
    dark: {
      ground: at(0.175, 0.012),
      surface: at(0.215, 0.014),
      sunken: at(0.25, 0.015),
      line: at(0.315, 0.016),
      ink: at(0.94, 0.006),
      soft: at(0.745, 0.014),
      accent: at(0.8, 0.1),
      onAccent: at(0.2, 0.03),
    },
  };
}

/** As `#rrggbb` (CSS Color 4, sections 9.4 and 10.7); what sRGB cannot show is cut off at its edge. */
export function oklch(lightness: number, chroma: number, hue: number): string {
  const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${linear.map((part) => byteOf(part).toString(16).padStart(2, '0')).join('')}`;
}

function byteOf(linear: number): number {
  const light = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
}
