import { products } from './products.ts';

/** One drawing per product, by the name under which the assets serve it. */
export const illustrations: Record<string, URL> = Object.fromEntries(
  products.map(({ id }) => [`${id}.svg`, new URL(`./illustrations/${id}.svg`, import.meta.url)]),
);
