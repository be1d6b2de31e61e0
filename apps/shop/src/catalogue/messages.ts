import { defineMessages } from '@portcullis/ui';

/** What stands around the products; they themselves speak English. `product_missing` is the code of that refusal. */
export const catalogueMessages = defineMessages({
  en: {
    title: 'Catalogue',
    heading: 'For whoever keeps the door',
    lede: 'Twelve things for gates, towers and ordinary kitchens. A demonstration shop: nothing is charged, nothing is sent.',
    drawing: 'A drawing of {name}',
    how_many: 'How many',
    put_in_basket: 'Put in the basket',
    product_missing: 'We do not sell that, or no longer.',
  },
  de: {
    title: 'Sortiment',
    heading: 'Für alle, die das Tor hüten',
    lede: 'Zwölf Dinge für Tore, Türme und gewöhnliche Küchen. Ein Laden zur Vorführung: Es wird nichts berechnet und nichts verschickt.',
    drawing: 'Zeichnung: {name}',
    how_many: 'Anzahl',
    put_in_basket: 'In den Warenkorb',
    product_missing: 'Das verkaufen wir nicht oder nicht mehr.',
  },
  es: {
    title: 'Catálogo',
    heading: 'Para quien guarda la puerta',
    lede: 'Doce cosas para portones, torres y cocinas corrientes. Una tienda de demostración: no se cobra nada ni se envía nada.',
    drawing: 'Dibujo: {name}',
    how_many: 'Cantidad',
    put_in_basket: 'Añadir a la cesta',
    product_missing: 'No vendemos eso, o ya no.',
  },
});
