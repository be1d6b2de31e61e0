import { defineMessages } from '@portcullis/ui';

/** The end of an account at its owner's wish, and the change of mind. */
export const accountDeletionMessages = defineMessages({
  en: {
    delete_title: 'Delete your account',
    delete_text:
      'Your account and everything that belongs to it is deleted. You have {days, plural, one {one day} other {# days}} to change your mind.',
    delete_go: 'Delete my account',
    delete_what:
      'In {days, plural, one {one day} other {# days}} your account and everything that belongs to it will be deleted. Nobody can bring it back then, we neither. Until then you can change your mind, here or by the link in the mail we send you.',
    delete_now: 'Every other device is signed out at once.',
    delete_type: 'To go on, type your email address: {email}',
    delete_mismatch: 'That is not the email address of this account.',
    delete_last_admin: 'You are the only administrator left. Somebody else has to become one first.',
    delete_confirm: 'Delete my account',
    deletion_banner: 'This account will be deleted on {at, date, long}.',
    deletion_keep: 'Keep my account',
    keep_title: 'Keep your account?',
    keep_text: 'It is to be deleted on {at, date, long}. Keep it, and nothing happens to it.',
    keep_gone_title: 'This link no longer works',
    keep_gone_text: 'The account is not going to be deleted, or it has been deleted already.',
    keep_done_title: 'Your account stays',
    keep_done_text: 'It will not be deleted. If you did not ask for that yourself, change your password now.',
    keep_to_account: 'To your account',
    letter_scheduled_subject: 'Your account will be deleted',
    letter_scheduled_text:
      'You have asked us to delete your account {email}. That will happen on {at, date, long}, with everything that belongs to it.',
    letter_scheduled_keep: 'Keep my account',
    letter_scheduled_not_you: 'If this was not you, keep your account with this link and change your password at once.',
    letter_cancelled_subject: 'Your account stays',
    letter_cancelled_text: 'Your account {email} will not be deleted.',
    letter_cancelled_not_you: 'If this was not you, change your password at once.',
  },
  de: {
    delete_title: 'Ihr Konto löschen',
    delete_text:
      'Ihr Konto und alles, was dazugehört, wird gelöscht. Sie haben {days, plural, one {einen Tag} other {# Tage}} Zeit, es sich anders zu überlegen.',
    delete_go: 'Mein Konto löschen',
    delete_what:
      'In {days, plural, one {einem Tag} other {# Tagen}} werden Ihr Konto und alles, was dazugehört, gelöscht. Danach kann es niemand zurückholen, auch wir nicht. Bis dahin können Sie es sich anders überlegen, hier oder über den Link in der E-Mail, die wir Ihnen senden.',
    delete_now: 'Alle anderen Geräte werden sofort abgemeldet.',
    delete_type: 'Um fortzufahren, geben Sie Ihre E-Mail-Adresse ein: {email}',
    delete_mismatch: 'Das ist nicht die E-Mail-Adresse dieses Kontos.',
    delete_last_admin:
      'Außer Ihnen gibt es niemanden, der das System verwaltet. Zuerst muss jemand anderes diese Rolle bekommen.',
    delete_confirm: 'Mein Konto löschen',
    deletion_banner: 'Dieses Konto wird am {at, date, long} gelöscht.',
    deletion_keep: 'Mein Konto behalten',
    keep_title: 'Ihr Konto behalten?',
    keep_text: 'Es soll am {at, date, long} gelöscht werden. Behalten Sie es, und es geschieht nichts.',
    keep_gone_title: 'Dieser Link gilt nicht mehr',
    keep_gone_text: 'Das Konto soll nicht gelöscht werden, oder es wurde bereits gelöscht.',
    keep_done_title: 'Ihr Konto bleibt',
    keep_done_text: 'Es wird nicht gelöscht. Wenn Sie das nicht selbst verlangt hatten, ändern Sie jetzt Ihr Passwort.',
    keep_to_account: 'Zu Ihrem Konto',
    letter_scheduled_subject: 'Ihr Konto wird gelöscht',
    letter_scheduled_text:
      'Sie haben uns gebeten, Ihr Konto {email} zu löschen. Das geschieht am {at, date, long}, mit allem, was dazugehört.',
    letter_scheduled_keep: 'Mein Konto behalten',
    letter_scheduled_not_you:
      'Wenn Sie das nicht waren, behalten Sie Ihr Konto mit diesem Link und ändern Sie sofort Ihr Passwort.',
    letter_cancelled_subject: 'Ihr Konto bleibt',
    letter_cancelled_text: 'Ihr Konto {email} wird nicht gelöscht.',
    letter_cancelled_not_you: 'Wenn Sie das nicht waren, ändern Sie sofort Ihr Passwort.',
  },
  es: {
    delete_title: 'Eliminar su cuenta',
    delete_text:
      'Se eliminará su cuenta con todo lo que le pertenece. Dispone de {days, plural, one {un día} other {# días}} para cambiar de opinión.',
    delete_go: 'Eliminar mi cuenta',
    delete_what:
      'Dentro de {days, plural, one {un día} other {# días}} se eliminará su cuenta con todo lo que le pertenece. Después nadie podrá recuperarla, nosotros tampoco. Hasta entonces puede cambiar de opinión, aquí o con el enlace del correo que le enviamos.',
    delete_now: 'La sesión se cerrará de inmediato en todos los demás dispositivos.',
    delete_type: 'Para continuar, escriba su correo electrónico: {email}',
    delete_mismatch: 'No es el correo electrónico de esta cuenta.',
    delete_last_admin: 'No queda nadie más que administre el sistema. Antes, otra persona debe recibir esa función.',
    delete_confirm: 'Eliminar mi cuenta',
    deletion_banner: 'Esta cuenta se eliminará el {at, date, long}.',
    deletion_keep: 'Conservar mi cuenta',
    keep_title: '¿Conservar su cuenta?',
    keep_text: 'Está previsto eliminarla el {at, date, long}. Si la conserva, no ocurrirá nada.',
    keep_gone_title: 'Este enlace ya no sirve',
    keep_gone_text: 'La cuenta no se va a eliminar, o ya se ha eliminado.',
    keep_done_title: 'Su cuenta se conserva',
    keep_done_text: 'No se eliminará. Si no lo había pedido usted, cambie ahora la contraseña.',
    keep_to_account: 'Ir a su cuenta',
    letter_scheduled_subject: 'Su cuenta se eliminará',
    letter_scheduled_text:
      'Ha pedido que eliminemos su cuenta {email}. Ocurrirá el {at, date, long}, con todo lo que le pertenece.',
    letter_scheduled_keep: 'Conservar mi cuenta',
    letter_scheduled_not_you:
      'Si no fue cosa suya, conserve la cuenta con este enlace y cambie la contraseña de inmediato.',
    letter_cancelled_subject: 'Su cuenta se conserva',
    letter_cancelled_text: 'Su cuenta {email} no se eliminará.',
    letter_cancelled_not_you: 'Si no fue cosa suya, cambie la contraseña de inmediato.',
  },
});
