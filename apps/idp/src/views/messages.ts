import { defineMessages } from '@portcullis/ui';

export const viewMessages = defineMessages({
  en: { home_title: 'Home' },
  de: { home_title: 'Start' },
  es: { home_title: 'Inicio' },
});
