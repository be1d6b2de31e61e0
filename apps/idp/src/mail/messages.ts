import { defineMessages } from '@portcullis/ui';

export const mailMessages = defineMessages({
  en: {
    link_hint: 'If the button does not work, open this address in your browser:',
    code_label: 'Your code',
    footer: 'You received this letter because of an account at {product} ({host}). Replies to it are not read.',
  },
  de: {
    link_hint: 'Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse in Ihrem Browser:',
    code_label: 'Ihr Code',
    footer:
      'Sie erhalten diese Nachricht wegen eines Kontos bei {product} ({host}). Antworten darauf werden nicht gelesen.',
  },
  es: {
    link_hint: 'Si el botón no funciona, abra esta dirección en su navegador:',
    code_label: 'Su código',
    footer: 'Ha recibido este mensaje debido a una cuenta en {product} ({host}). Las respuestas no se leen.',
  },
});
