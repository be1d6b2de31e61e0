import { defineMessages } from '@portcullis/ui';

/** The navigation of every page. */
export const pageMessages = defineMessages({
  en: { catalogue: 'Catalogue', basket: 'Basket', my_orders: 'My orders' },
  de: { catalogue: 'Sortiment', basket: 'Warenkorb', my_orders: 'Bestellungen' },
  es: { catalogue: 'Catálogo', basket: 'Cesta', my_orders: 'Mis pedidos' },
});
