import { defineMessages } from '@portcullis/ui';

export const linkRequestMessages = defineMessages({
  en: {
    email: 'Email',
    email_invalid: 'Enter an email address, like name@example.org.',
    back_to_sign_in: 'Back to sign in',
    sent_heading: 'Look into your inbox',
    sent_lede: 'We have sent a letter to <strong>{email}</strong>. The link in it brings you on, in any browser.',
    sent_hint: 'No letter? Look into the folder for junk mail. We send at most three letters an hour to one address.',
    sent_again: 'We have sent it once more.',
    wait: 'You can have it sent again in {seconds} s.',
    resend: 'Send it again',
    other_address: 'Use another address',
    dead_heading: 'This link no longer works',
    dead_text: 'It has been used already, or it is too old. That is no problem: have a new one sent.',
    dead_action: 'Send me a new link',
  },
  de: {
    email: 'E-Mail',
    email_invalid: 'Geben Sie eine E-Mail-Adresse ein, etwa name@example.org.',
    back_to_sign_in: 'Zurück zur Anmeldung',
    sent_heading: 'Sehen Sie in Ihr Postfach',
    sent_lede:
      'Wir haben eine Nachricht an <strong>{email}</strong> geschickt. Mit dem Link darin geht es weiter, in jedem Browser.',
    sent_hint:
      'Nichts angekommen? Sehen Sie im Spam-Ordner nach. An eine Adresse schicken wir höchstens drei Nachrichten pro Stunde.',
    sent_again: 'Wir haben sie noch einmal geschickt.',
    wait: 'In {seconds} s können Sie sie noch einmal schicken lassen.',
    resend: 'Noch einmal schicken',
    other_address: 'Andere Adresse verwenden',
    dead_heading: 'Dieser Link gilt nicht mehr',
    dead_text: 'Er wurde schon benutzt oder ist zu alt. Das macht nichts: Lassen Sie sich einen neuen schicken.',
    dead_action: 'Neuen Link schicken',
  },
  es: {
    email: 'Correo electrónico',
    email_invalid: 'Introduzca una dirección de correo, como nombre@example.org.',
    back_to_sign_in: 'Volver al inicio de sesión',
    sent_heading: 'Revise su correo',
    sent_lede:
      'Hemos enviado un mensaje a <strong>{email}</strong>. El enlace que contiene le permite continuar, en cualquier navegador.',
    sent_hint:
      '¿No ha llegado? Mire en la carpeta de correo no deseado. Enviamos como máximo tres mensajes por hora a una dirección.',
    sent_again: 'Lo hemos enviado de nuevo.',
    wait: 'Podrá pedir otro envío en {seconds} s.',
    resend: 'Enviar de nuevo',
    other_address: 'Usar otra dirección',
    dead_heading: 'Este enlace ya no es válido',
    dead_text: 'Ya se ha utilizado o es demasiado antiguo. No pasa nada: pida uno nuevo.',
    dead_action: 'Enviarme un enlace nuevo',
  },
});
