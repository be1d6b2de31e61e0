import { defineMessages } from '@portcullis/ui';

export const emailChangeMessages = defineMessages({
  en: {
    confirm_heading: 'Use this address?',
    confirm_text: '<strong>{email}</strong> will be the address of your account. You sign in with it from then on.',
    confirm: 'Use this address',
    done_heading: 'Your address is changed',
    done_text:
      'From now on you sign in with the new one. The earlier address gets a letter, with which the change can be undone for seven days.',
    taken_heading: 'This address has an account already',
    taken_text: 'An address can belong to one account only. Nothing has been changed.',
    undo_heading: 'Was this not you?',
    undo_text:
      'Your account gets the address <strong>{email}</strong> back. Everybody who is signed in to it is signed out, and its password no longer works: we send you a link to choose a new one.',
    undo: 'Undo the change',
    undone_heading: 'The change is undone',
    undone_text: 'Your account has its earlier address again. We have sent a link to it to choose a new password.',
    undone_check:
      'When you have signed in again, look through your passkeys and your authenticator app, and remove what is not yours.',
    dead_text: 'It has been used already, or it is too old.',
    account: 'To my account',
    front_page: 'To the front page',
    letter_subject: 'Confirm your new email address',
    letter_text: 'Your account at {product} is to use this address from now on. Open the link to confirm it.',
    letter_action: 'Confirm this address',
    letter_valid: 'The link is valid for one hour and works once.',
    letter_not_you: 'If you know nothing of this, you need not do anything. Without the link nothing happens.',
    taken_letter_subject: 'This address has an account already',
    taken_letter_text:
      'Somebody, probably you, wanted to use this address for another account at {product}. It has an account of its own, so nothing has been changed.',
    changed_letter_subject: 'The email address of your account was changed',
    changed_letter_text:
      'Your account at {product} now uses the address {email}. This address here is no longer its address.',
    changed_letter_undo:
      'If this was not you, somebody else is in your account. Undo the change: that also signs everybody out and disables the password.',
    changed_letter_action: 'This was not me',
    changed_letter_valid: 'The link is valid for seven days.',
  },
  de: {
    confirm_heading: 'Diese Adresse verwenden?',
    confirm_text: '<strong>{email}</strong> wird die Adresse Ihres Kontos. Sie melden sich dann mit ihr an.',
    confirm: 'Diese Adresse verwenden',
    done_heading: 'Ihre Adresse ist geändert',
    done_text:
      'Ab jetzt melden Sie sich mit der neuen an. An die bisherige Adresse geht eine Nachricht, mit der sich die Änderung sieben Tage lang rückgängig machen lässt.',
    taken_heading: 'Mit dieser Adresse gibt es schon ein Konto',
    taken_text: 'Eine Adresse kann nur zu einem Konto gehören. Es wurde nichts geändert.',
    undo_heading: 'Waren Sie das nicht?',
    undo_text:
      'Ihr Konto bekommt die Adresse <strong>{email}</strong> zurück. Alle, die darin angemeldet sind, werden abgemeldet, und das Passwort gilt nicht mehr: Wir schicken Ihnen einen Link, mit dem Sie ein neues wählen.',
    undo: 'Änderung rückgängig machen',
    undone_heading: 'Die Änderung ist rückgängig gemacht',
    undone_text:
      'Ihr Konto hat wieder seine frühere Adresse. Wir haben dorthin einen Link geschickt, mit dem Sie ein neues Passwort wählen.',
    undone_check:
      'Sehen Sie nach der nächsten Anmeldung Ihre Passkeys und Ihre Authenticator-App durch, und entfernen Sie, was nicht von Ihnen ist.',
    dead_text: 'Er wurde schon benutzt oder ist zu alt.',
    account: 'Zu meinem Konto',
    front_page: 'Zur Startseite',
    letter_subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
    letter_text: 'Ihr Konto bei {product} soll ab jetzt diese Adresse verwenden. Bestätigen Sie sie mit dem Link.',
    letter_action: 'Adresse bestätigen',
    letter_valid: 'Der Link gilt eine Stunde und nur einmal.',
    letter_not_you: 'Wenn Sie davon nichts wissen, brauchen Sie nichts zu tun. Ohne den Link geschieht nichts.',
    taken_letter_subject: 'Mit dieser Adresse gibt es schon ein Konto',
    taken_letter_text:
      'Jemand, vermutlich Sie, wollte diese Adresse für ein anderes Konto bei {product} verwenden. Sie hat ein eigenes Konto, deshalb wurde nichts geändert.',
    changed_letter_subject: 'Die E-Mail-Adresse Ihres Kontos wurde geändert',
    changed_letter_text:
      'Ihr Konto bei {product} verwendet jetzt die Adresse {email}. Diese Adresse hier gehört nicht mehr dazu.',
    changed_letter_undo:
      'Wenn Sie das nicht waren, ist jemand anderes in Ihrem Konto. Machen Sie die Änderung rückgängig: Damit werden auch alle abgemeldet, und das Passwort gilt nicht mehr.',
    changed_letter_action: 'Das war ich nicht',
    changed_letter_valid: 'Der Link gilt sieben Tage.',
  },
  es: {
    confirm_heading: '¿Usar esta dirección?',
    confirm_text:
      '<strong>{email}</strong> será la dirección de su cuenta. A partir de entonces iniciará sesión con ella.',
    confirm: 'Usar esta dirección',
    done_heading: 'Su dirección ha cambiado',
    done_text:
      'A partir de ahora inicie sesión con la nueva. La dirección anterior recibe un mensaje con el que el cambio puede deshacerse durante siete días.',
    taken_heading: 'Esta dirección ya tiene una cuenta',
    taken_text: 'Una dirección solo puede pertenecer a una cuenta. No se ha cambiado nada.',
    undo_heading: '¿No ha sido usted?',
    undo_text:
      'Su cuenta recupera la dirección <strong>{email}</strong>. Se cierran todas las sesiones y la contraseña deja de ser válida: le enviaremos un enlace para elegir una nueva.',
    undo: 'Deshacer el cambio',
    undone_heading: 'El cambio se ha deshecho',
    undone_text:
      'Su cuenta vuelve a tener su dirección anterior. Le hemos enviado un enlace para elegir una contraseña nueva.',
    undone_check:
      'Cuando vuelva a iniciar sesión, revise sus claves de acceso y su aplicación de autenticación, y quite lo que no sea suyo.',
    dead_text: 'Ya se ha utilizado o es demasiado antiguo.',
    account: 'Ir a mi cuenta',
    front_page: 'Ir a la página principal',
    letter_subject: 'Confirme su nueva dirección de correo',
    letter_text: 'Su cuenta en {product} va a usar esta dirección a partir de ahora. Abra el enlace para confirmarla.',
    letter_action: 'Confirmar la dirección',
    letter_valid: 'El enlace es válido durante una hora y sirve una sola vez.',
    letter_not_you: 'Si no sabe nada de esto, no tiene que hacer nada. Sin el enlace no ocurre nada.',
    taken_letter_subject: 'Esta dirección ya tiene una cuenta',
    taken_letter_text:
      'Alguien, probablemente usted, quería usar esta dirección para otra cuenta en {product}. Ya tiene una cuenta propia, por lo que no se ha cambiado nada.',
    changed_letter_subject: 'La dirección de correo de su cuenta ha cambiado',
    changed_letter_text:
      'Su cuenta en {product} usa ahora la dirección {email}. Esta dirección ya no es la de la cuenta.',
    changed_letter_undo:
      'Si no ha sido usted, otra persona está en su cuenta. Deshaga el cambio: así también se cierran todas las sesiones y la contraseña deja de ser válida.',
    changed_letter_action: 'No he sido yo',
    changed_letter_valid: 'El enlace es válido durante siete días.',
  },
});
