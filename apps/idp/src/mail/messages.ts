import { defineMessages } from '@portcullis/ui';

export const mailMessages = defineMessages({
  en: {
    link_hint: 'If the button does not work, open this address in your browser:',
    code_label: 'Your code',
    footer: '{product} ({host}) sent you this letter. Replies to it are not read.',
  },
  de: {
    link_hint: 'Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse in Ihrem Browser:',
    code_label: 'Ihr Code',
    footer: 'Diese Nachricht hat Ihnen {product} ({host}) geschickt. Antworten darauf werden nicht gelesen.',
  },
  es: {
    link_hint: 'Si el botón no funciona, abra esta dirección en su navegador:',
    code_label: 'Su código',
    footer: '{product} ({host}) le ha enviado este mensaje. Las respuestas no se leen.',
  },
});
