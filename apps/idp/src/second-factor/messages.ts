import { defineMessages } from '@portcullis/ui';

export const secondFactorMessages = defineMessages({
  en: {
    set_up: 'Set up an authenticator app',
    open: 'Open an authenticator app on your phone. Any will do.',
    scan: 'Scan this picture with it.',
    qr: 'QR code with the key below',
    type: 'Cannot scan? Type this key instead:',
    copy: 'Copy',
    here: 'Open in an app on this device',
    code: 'Six digits from the app',
    confirm: 'Confirm',
    wrong_totp: 'That code is not right, or it has been used already. Wait for the next one and try again.',
    not_begun: 'That took too long. Scan the new code and try again.',
    codes_left:
      '{count, plural, =0 {There are no recovery codes.} one {One recovery code is left.} other {# recovery codes are left.}}',
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
    set_up: 'Authenticator-App einrichten',
    open: 'Öffnen Sie auf Ihrem Telefon eine beliebige Authenticator-App.',
    scan: 'Scannen Sie damit dieses Bild.',
    qr: 'QR-Code mit dem Schlüssel darunter',
    type: 'Scannen nicht möglich? Tippen Sie stattdessen diesen Schlüssel ein:',
    copy: 'Kopieren',
    here: 'In einer App auf diesem Gerät öffnen',
    code: 'Sechs Ziffern aus der App',
    confirm: 'Bestätigen',
    wrong_totp:
      'Dieser Code stimmt nicht oder wurde schon benutzt. Warten Sie auf den nächsten und versuchen Sie es noch einmal.',
    not_begun: 'Das hat zu lange gedauert. Scannen Sie den neuen Code und versuchen Sie es noch einmal.',
    codes_left:
      '{count, plural, =0 {Es gibt keine Wiederherstellungscodes.} one {Ein Wiederherstellungscode ist übrig.} other {# Wiederherstellungscodes sind übrig.}}',
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
    set_up: 'Configurar una aplicación de autenticación',
    open: 'Abra una aplicación de autenticación en su teléfono. Cualquiera sirve.',
    scan: 'Escanee con ella esta imagen.',
    qr: 'Código QR con la clave que figura debajo',
    type: '¿No puede escanear? Escriba esta clave:',
    copy: 'Copiar',
    here: 'Abrir en una aplicación de este dispositivo',
    code: 'Seis dígitos de la aplicación',
    confirm: 'Confirmar',
    wrong_totp: 'Ese código no es correcto o ya se ha usado. Espere al siguiente e inténtelo de nuevo.',
    not_begun: 'Ha pasado demasiado tiempo. Escanee el código nuevo e inténtelo de nuevo.',
    codes_left:
      '{count, plural, =0 {No hay códigos de recuperación.} one {Queda un código de recuperación.} other {Quedan # códigos de recuperación.}}',
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
