import { readFileSync } from 'node:fs';

const NAMES = [
  'activity',
  'arrow-left',
  'arrow-right',
  'ban',
  'calendar',
  'chart-column',
  'chart-line',
  'check',
  'chevron-left',
  'chevron-right',
  'chevrons-up-down',
  'circle-alert',
  'circle-check',
  'circle-dashed',
  'circle-user-round',
  'circle-x',
  'clock',
  'credit-card',
  'door-open',
  'download',
  'external-link',
  'eye',
  'eye-off',
  'flag',
  'gauge',
  'globe',
  'globe-lock',
  'hash',
  'history',
  'house',
  'inbox',
  'info',
  'key-round',
  'layout-grid',
  'list-filter',
  'lock',
  'log-in',
  'log-out',
  'mail',
  'message-square',
  'messages-square',
  'minus',
  'monitor',
  'package',
  'pencil',
  'pin',
  'plus',
  'radio',
  'radio-tower',
  'receipt',
  'refresh-cw',
  'reply',
  'rotate-ccw',
  'scroll-text',
  'search',
  'settings',
  'shield',
  'shield-check',
  'shopping-bag',
  'shopping-cart',
  'smartphone',
  'sparkles',
  'star',
  'tag',
  'trash-2',
  'triangle-alert',
  'truck',
  'unlock',
  'user',
  'user-x',
  'users',
  'wifi-off',
  'x',
  'zap',
] as const;

export type IconName = (typeof NAMES)[number] | 'gate';

const LUCIDE = new URL('./icons/', import.meta.resolve('lucide-static/package.json'));

const icons = new Map<string, string>(NAMES.map((name) => [name, lucide(name)]));
icons.set('gate', compact(new URL('./gate.svg', import.meta.url)));

/** The svg of an icon: ours is `gate`, the rest are Lucide's. Throws for a name that is not in the list above. */
export function icon(name: string): string {
  const svg = icons.get(name);
  if (!svg) throw new Error(`there is no icon ${name}; add it to packages/ui/src/icons.ts`);
  return svg;
}

function lucide(name: string): string {
  return compact(new URL(`${name}.svg`, LUCIDE));
}

function compact(file: URL): string {
  return readFileSync(file, 'utf8')
    .replace(/<!--.*?-->/gs, '')
    .replace(/\s+/g, ' ')
    .trim();
}
