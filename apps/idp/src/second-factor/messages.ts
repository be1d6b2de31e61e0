import { defineMessages } from '@portcullis/ui';

export const secondFactorMessages = defineMessages({
  en: {
    totp: 'Authenticator app',
    totp_hint: 'The six digits that your authenticator app shows now.',
    recovery_code: 'Recovery code',
    recovery_code_hint: 'One of the codes you kept when you set up the second step. Each works once.',
    email_code: 'Code by email',
    email_code_hint: 'The eight digits we sent to your email address. They are valid for ten minutes.',
    passkey: 'Passkey or security key',
    passkey_hint: 'The fingerprint, face, PIN or key that you use with this account.',
    wrong_totp: 'That code is not right, or it has been used already. Wait for the next one and try again.',
    wrong_recovery_code: 'That recovery code is not right, or it has been used already.',
    wrong_email_code: 'That code is not right, or it is too old. Have a new one sent if you need it.',
    not_begun: 'That took too long. Scan the new code and try again.',
    throttled: 'Too many wrong codes. Please try again in {minutes, plural, one {# minute} other {# minutes}}.',
    email_code_throttled:
      'We have sent several codes already. A new one can be sent in {minutes, plural, one {# minute} other {# minutes}}.',
    codes_left:
      '{count, plural, =0 {No recovery codes are left.} one {One recovery code is left.} other {# recovery codes are left.}}',
    letter_code_heading: 'Your sign-in code',
    letter_code_text: 'Enter this code on the page where you are signing in.',
    letter_code_valid: 'It is valid for ten minutes, for this one sign-in.',
    letter_code_not_you:
      'If you are not signing in right now, somebody else knows your password: do not pass this code on to anybody, and change your password.',
    letter_changed_where:
      'You are still signed in where you made the change; everywhere else you have been signed out.',
    letter_changed_link: 'Check your security settings',
    letter_changed_not_you:
      'If this was not you, somebody can get into your account. Reset your password at once and check your security settings.',
    letter_totp_added: 'An authenticator app was set up',
    letter_totp_added_text: 'From now on your account asks for a code of this app when you sign in.',
    letter_totp_removed: 'Your authenticator app was removed',
    letter_totp_removed_text: 'Its codes no longer work for your account.',
    letter_recovery_codes_made: 'New recovery codes were made',
    letter_recovery_codes_made_text: 'Keep them in a safe place. Earlier recovery codes no longer work.',
    letter_passkey_added: 'A passkey was added',
    letter_passkey_added_text: 'From now on it can be used to sign in to your account.',
    letter_passkey_removed: 'A passkey was removed',
    letter_passkey_removed_text: 'It can no longer be used to sign in to your account.',
    letter_factors_reset: 'The second step of your sign-in was reset',
    letter_factors_reset_text:
      'Your authenticator app, passkeys and recovery codes no longer work. You can set up new ones when you have signed in.',
  },
  de: {
    totp: 'Authenticator-App',
    totp_hint: 'Die sechs Ziffern, die Ihre Authenticator-App gerade anzeigt.',
    recovery_code: 'Wiederherstellungscode',
    recovery_code_hint:
      'Einer der Codes, die Sie beim Einrichten des zweiten Schritts aufbewahrt haben. Jeder gilt einmal.',
    email_code: 'Code per E-Mail',
    email_code_hint: 'Die acht Ziffern, die wir an Ihre E-Mail-Adresse geschickt haben. Sie gelten zehn Minuten.',
    passkey: 'Passkey oder Sicherheitsschlüssel',
    passkey_hint: 'Fingerabdruck, Gesicht, PIN oder Schlüssel, den Sie mit diesem Konto verwenden.',
    wrong_totp:
      'Dieser Code stimmt nicht oder wurde schon benutzt. Warten Sie auf den nächsten und versuchen Sie es noch einmal.',
    wrong_recovery_code: 'Dieser Wiederherstellungscode stimmt nicht oder wurde schon benutzt.',
    wrong_email_code: 'Dieser Code stimmt nicht oder ist zu alt. Lassen Sie sich bei Bedarf einen neuen schicken.',
    not_begun: 'Das hat zu lange gedauert. Scannen Sie den neuen Code und versuchen Sie es noch einmal.',
    throttled:
      'Zu viele falsche Codes. Bitte versuchen Sie es in {minutes, plural, one {# Minute} other {# Minuten}} noch einmal.',
    email_code_throttled:
      'Wir haben schon mehrere Codes geschickt. Ein neuer ist in {minutes, plural, one {# Minute} other {# Minuten}} möglich.',
    codes_left:
      '{count, plural, =0 {Kein Wiederherstellungscode ist übrig.} one {Ein Wiederherstellungscode ist übrig.} other {# Wiederherstellungscodes sind übrig.}}',
    letter_code_heading: 'Ihr Anmeldecode',
    letter_code_text: 'Geben Sie diesen Code auf der Seite ein, auf der Sie sich gerade anmelden.',
    letter_code_valid: 'Er gilt zehn Minuten, nur für diese eine Anmeldung.',
    letter_code_not_you:
      'Wenn Sie sich gerade nicht anmelden, kennt jemand anderes Ihr Passwort: Geben Sie diesen Code niemandem weiter und ändern Sie Ihr Passwort.',
    letter_changed_where:
      'Dort, wo Sie die Änderung vorgenommen haben, bleiben Sie angemeldet; überall sonst wurden Sie abgemeldet.',
    letter_changed_link: 'Sicherheitseinstellungen prüfen',
    letter_changed_not_you:
      'Wenn Sie das nicht waren, hat jemand Zugang zu Ihrem Konto. Setzen Sie Ihr Passwort sofort zurück und prüfen Sie Ihre Sicherheitseinstellungen.',
    letter_totp_added: 'Eine Authenticator-App wurde eingerichtet',
    letter_totp_added_text: 'Ab jetzt fragt Ihr Konto bei der Anmeldung nach einem Code dieser App.',
    letter_totp_removed: 'Ihre Authenticator-App wurde entfernt',
    letter_totp_removed_text: 'Ihre Codes gelten für Ihr Konto nicht mehr.',
    letter_recovery_codes_made: 'Neue Wiederherstellungscodes wurden erstellt',
    letter_recovery_codes_made_text:
      'Bewahren Sie sie an einem sicheren Ort auf. Frühere Wiederherstellungscodes gelten nicht mehr.',
    letter_passkey_added: 'Ein Passkey wurde hinzugefügt',
    letter_passkey_added_text: 'Ab jetzt kann man sich mit ihm bei Ihrem Konto anmelden.',
    letter_passkey_removed: 'Ein Passkey wurde entfernt',
    letter_passkey_removed_text: 'Mit ihm kann man sich bei Ihrem Konto nicht mehr anmelden.',
    letter_factors_reset: 'Der zweite Schritt Ihrer Anmeldung wurde zurückgesetzt',
    letter_factors_reset_text:
      'Ihre Authenticator-App, Passkeys und Wiederherstellungscodes gelten nicht mehr. Nach der Anmeldung können Sie neue einrichten.',
  },
  es: {
    totp: 'Aplicación de autenticación',
    totp_hint: 'Los seis dígitos que muestra ahora su aplicación de autenticación.',
    recovery_code: 'Código de recuperación',
    recovery_code_hint: 'Uno de los códigos que guardó al configurar el segundo paso. Cada uno sirve una sola vez.',
    email_code: 'Código por correo electrónico',
    email_code_hint: 'Los ocho dígitos que hemos enviado a su correo electrónico. Son válidos durante diez minutos.',
    passkey: 'Llave de acceso o llave de seguridad',
    passkey_hint: 'La huella, el rostro, el PIN o la llave que usa con esta cuenta.',
    wrong_totp: 'Ese código no es correcto o ya se ha usado. Espere al siguiente e inténtelo de nuevo.',
    wrong_recovery_code: 'Ese código de recuperación no es correcto o ya se ha usado.',
    wrong_email_code: 'Ese código no es correcto o ha caducado. Si lo necesita, pida uno nuevo.',
    not_begun: 'Ha pasado demasiado tiempo. Escanee el código nuevo e inténtelo de nuevo.',
    throttled:
      'Demasiados códigos incorrectos. Inténtelo de nuevo dentro de {minutes, plural, one {# minuto} other {# minutos}}.',
    email_code_throttled:
      'Ya hemos enviado varios códigos. Podrá pedir otro dentro de {minutes, plural, one {# minuto} other {# minutos}}.',
    codes_left:
      '{count, plural, =0 {No queda ningún código de recuperación.} one {Queda un código de recuperación.} other {Quedan # códigos de recuperación.}}',
    letter_code_heading: 'Su código de inicio de sesión',
    letter_code_text: 'Introduzca este código en la página en la que está iniciando sesión.',
    letter_code_valid: 'Es válido durante diez minutos y solo para este inicio de sesión.',
    letter_code_not_you:
      'Si no está iniciando sesión en este momento, otra persona conoce su contraseña: no comparta este código con nadie y cambie su contraseña.',
    letter_changed_where: 'La sesión sigue abierta donde hizo el cambio; en todos los demás sitios se ha cerrado.',
    letter_changed_link: 'Revisar la configuración de seguridad',
    letter_changed_not_you:
      'Si no ha sido usted, alguien puede entrar en su cuenta. Restablezca su contraseña de inmediato y revise la configuración de seguridad.',
    letter_totp_added: 'Se ha configurado una aplicación de autenticación',
    letter_totp_added_text: 'A partir de ahora, su cuenta pedirá un código de esta aplicación al iniciar sesión.',
    letter_totp_removed: 'Se ha eliminado su aplicación de autenticación',
    letter_totp_removed_text: 'Sus códigos ya no sirven para su cuenta.',
    letter_recovery_codes_made: 'Se han creado códigos de recuperación nuevos',
    letter_recovery_codes_made_text:
      'Guárdelos en un lugar seguro. Los códigos de recuperación anteriores ya no sirven.',
    letter_passkey_added: 'Se ha añadido una llave de acceso',
    letter_passkey_added_text: 'A partir de ahora sirve para iniciar sesión en su cuenta.',
    letter_passkey_removed: 'Se ha eliminado una llave de acceso',
    letter_passkey_removed_text: 'Ya no sirve para iniciar sesión en su cuenta.',
    letter_factors_reset: 'Se ha restablecido el segundo paso de su inicio de sesión',
    letter_factors_reset_text:
      'Su aplicación de autenticación, sus llaves de acceso y sus códigos de recuperación ya no sirven. Después de iniciar sesión podrá configurar otros.',
  },
});
