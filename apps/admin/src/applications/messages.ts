import { defineMessages } from '@portcullis/ui';

export const applicationsMessages = defineMessages({
  en: {
    lede: 'Everything that people sign in to with Portcullis.',
    events: 'Events',
    of_application: 'of {name}',
    since: 'since',
    switch_on: 'Switch on',
    switch_off: 'Switch off',
    off_title: 'Switch {name} off?',
    off_text:
      'Nobody can sign in to it any more, and every token it was given is dead at once. The accounts stay as they are.',
    off_button: 'Switch {name} off',
    on_title: 'Switch {name} on again?',
    on_text: 'People can sign in to it again. What was issued before it was switched off stays dead.',
    on_button: 'Switch {name} on',
  },
  de: {
    lede: 'Alles, wobei man sich mit Portcullis anmeldet.',
    events: 'Ereignisse',
    of_application: 'von {name}',
    since: 'seit',
    switch_on: 'Einschalten',
    switch_off: 'Abschalten',
    off_title: '{name} abschalten?',
    off_text:
      'Niemand kann sich mehr dort anmelden, und jedes ihrer Tokens ist sofort ungültig. Die Konten bleiben, wie sie sind.',
    off_button: '{name} abschalten',
    on_title: '{name} wieder einschalten?',
    on_text: 'Man kann sich wieder dort anmelden. Was vor dem Abschalten ausgestellt wurde, bleibt ungültig.',
    on_button: '{name} einschalten',
  },
  es: {
    lede: 'Todo aquello en lo que se inicia sesión con Portcullis.',
    events: 'Sucesos',
    of_application: 'de {name}',
    since: 'desde',
    switch_on: 'Activar',
    switch_off: 'Desactivar',
    off_title: '¿Desactivar {name}?',
    off_text:
      'Nadie podrá iniciar sesión en ella, y todos sus tokens dejan de valer de inmediato. Las cuentas se quedan como están.',
    off_button: 'Desactivar {name}',
    on_title: '¿Volver a activar {name}?',
    on_text: 'Se puede volver a iniciar sesión en ella. Lo emitido antes de desactivarla sigue sin valer.',
    on_button: 'Activar {name}',
  },
});
