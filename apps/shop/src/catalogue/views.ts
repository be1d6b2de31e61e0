import { assetPath, type FieldState } from '@portcullis/ui';
import { price } from './money.ts';
import { type Product, products } from './products.ts';

type ProductView = { id: string; name: string; tagline: string; href: string; image: string; price: string };
export type CatalogueView = { products: ProductView[] };
export type ProductPageView = ProductView & { description: string; csrf: string; quantity: FieldState };

export function productView(product: Product): ProductView {
  const { id, name, tagline, cents } = product;
  return { id, name, tagline, href: `/products/${id}`, image: assetPath(`${id}.svg`), price: price(cents) };
}

export function catalogueView(): CatalogueView {
  return { products: products.map(productView) };
}

export function productPageView(product: Product, csrf: string, quantity: FieldState): ProductPageView {
  return { ...productView(product), description: product.description, csrf, quantity };
}
