import { assetPath, type FieldState, type Locale } from '@portcullis/ui';
import { price } from './money.ts';
import { type Product, products } from './products.ts';

type ProductView = { id: string; name: string; tagline: string; href: string; image: string; price: string };
export type CatalogueView = { products: ProductView[] };
export type ProductPageView = ProductView & { description: string; csrf: string; quantity: FieldState };

export function productView(product: Product, locale: Locale): ProductView {
  const { id, name, tagline, cents } = product;
  return { id, name, tagline, href: `/products/${id}`, image: assetPath(`${id}.svg`), price: price(cents, locale) };
}

export function catalogueView(locale: Locale): CatalogueView {
  return { products: products.map((product) => productView(product, locale)) };
}

export function productPageView(locale: Locale, product: Product, csrf: string, quantity: FieldState): ProductPageView {
  return { ...productView(product, locale), description: product.description, csrf, quantity };
}
