import { defineMessages } from '@portcullis/ui';

/** Of authorization requests and sign-outs that cannot go on. `description`: the library's own words, in English. */
export const protocolMessages = defineMessages({
  en: {
    too_long: 'That took too long',
    too_long_text: 'This sign-in has expired. Go back to the application and start again.',
    no_sign_in: 'This application cannot sign you in',
    unknown_client: 'We do not know it, or it has been switched off. Tell whoever runs the application.',
    unknown_address:
      'It sent you here with an address that is not registered with us, so we did not follow it. Tell whoever runs the application.',
    moment: 'One moment, please',
    busy: 'Sign-in is busy or restarting. Try again in a moment.',
    not_right: 'This sign-in request is not right',
    cannot_do: 'The application asked for something we cannot do. Go back and try again.',
    cannot_do_that: 'The application asked for something we cannot do: {description}. Go back and try again.',
    our_fault: 'Something went wrong',
    our_fault_text: 'It is our fault, and it has been noted. Try again in a moment.',
  },
  de: {
    too_long: 'Das hat zu lange gedauert',
    too_long_text: 'Diese Anmeldung ist abgelaufen. Gehen Sie zurück zur Anwendung und beginnen Sie von vorn.',
    no_sign_in: 'Diese Anwendung kann Sie nicht anmelden',
    unknown_client: 'Wir kennen sie nicht, oder sie wurde abgeschaltet. Sagen Sie es dem Betreiber der Anwendung.',
    unknown_address:
      'Sie hat Sie mit einer Adresse hierher geschickt, die bei uns nicht eingetragen ist; deshalb sind wir ihr nicht gefolgt. Sagen Sie es dem Betreiber der Anwendung.',
    moment: 'Einen Augenblick, bitte',
    busy: 'Die Anmeldung ist ausgelastet oder startet gerade neu. Versuchen Sie es gleich noch einmal.',
    not_right: 'Mit dieser Anmeldung stimmt etwas nicht',
    cannot_do: 'Die Anwendung verlangt etwas, das wir nicht können. Gehen Sie zurück und versuchen Sie es noch einmal.',
    cannot_do_that:
      'Die Anwendung verlangt etwas, das wir nicht können ({description}). Gehen Sie zurück und versuchen Sie es noch einmal.',
    our_fault: 'Etwas ist schiefgegangen',
    our_fault_text: 'Der Fehler liegt bei uns und ist vermerkt. Versuchen Sie es gleich noch einmal.',
  },
  es: {
    too_long: 'Ha tardado demasiado',
    too_long_text: 'Este inicio de sesión ha caducado. Vuelva a la aplicación y empiece de nuevo.',
    no_sign_in: 'Esta aplicación no puede iniciar su sesión',
    unknown_client: 'No la conocemos o se ha desactivado. Avise a quien administra la aplicación.',
    unknown_address:
      'Le ha enviado aquí con una dirección que no está registrada, así que no la hemos seguido. Avise a quien administra la aplicación.',
    moment: 'Un momento, por favor',
    busy: 'El inicio de sesión está saturado o se está reiniciando. Inténtelo de nuevo en un momento.',
    not_right: 'Algo no está bien en este inicio de sesión',
    cannot_do: 'La aplicación ha pedido algo que no podemos hacer. Vuelva atrás e inténtelo de nuevo.',
    cannot_do_that:
      'La aplicación ha pedido algo que no podemos hacer ({description}). Vuelva atrás e inténtelo de nuevo.',
    our_fault: 'Algo ha ido mal',
    our_fault_text: 'El fallo es nuestro y ha quedado anotado. Inténtelo de nuevo en un momento.',
  },
});
