import type { BasketView } from '#basket/views.ts';
import type { CatalogueView, ProductPageView } from '#catalogue/views.ts';
import type { CheckoutView } from '#checkout/views.ts';
import type { OrderView, OrdersView } from '#orders/views.ts';

/** Every page of the shop: its name, its view model, its template. */
export type Views = {
  basket: BasketView;
  catalogue: CatalogueView;
  checkout: CheckoutView;
  order: OrderView;
  orders: OrdersView;
  product: ProductPageView;
};

export const templates: Record<keyof Views, URL> = {
  basket: new URL('../basket/basket.hbs', import.meta.url),
  catalogue: new URL('../catalogue/catalogue.hbs', import.meta.url),
  checkout: new URL('../checkout/checkout.hbs', import.meta.url),
  order: new URL('../orders/order.hbs', import.meta.url),
  orders: new URL('../orders/orders.hbs', import.meta.url),
  product: new URL('../catalogue/product.hbs', import.meta.url),
};
