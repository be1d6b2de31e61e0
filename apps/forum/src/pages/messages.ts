import { defineMessages } from '@portcullis/ui';

/** What every page of the forum may say. */
export const pageMessages = defineMessages({
  en: { categories: 'Categories', page_of: 'Page {page} of {pages}' },
  de: { categories: 'Kategorien', page_of: 'Seite {page} von {pages}' },
  es: { categories: 'Categorías', page_of: 'Página {page} de {pages}' },
});
