import { defineMessages } from '@portcullis/ui';

/** Choosing a password, wherever that is; the refusals by their names in `Creation` and `AccountChanges`. */
export const passwordMessages = defineMessages({
  en: {
    label: 'New password',
    hint: 'At least {least} characters; spaces and all signs are welcome.',
    password_too_short: 'This password is too short. Take a few words that do not belong together.',
    password_too_long: 'This password is too long: 1,024 bytes are the most.',
    password_too_common: 'Many people use this password, so it is among the first to be tried. Choose another one.',
    password_too_easy:
      'This password is too easy to guess. Avoid your name and address, repetitions, dates and rows of keys.',
    password_breached: 'This password is known from a data breach elsewhere. Choose another one.',
  },
  de: {
    label: 'Neues Passwort',
    hint: 'Mindestens {least} Zeichen; Leerzeichen und alle anderen Zeichen sind willkommen.',
    password_too_short: 'Dieses Passwort ist zu kurz. Nehmen Sie ein paar Wörter, die nichts miteinander zu tun haben.',
    password_too_long: 'Dieses Passwort ist zu lang: Höchstens 1.024 Bytes sind möglich.',
    password_too_common:
      'Dieses Passwort verwenden viele, es wird also als eines der ersten probiert. Wählen Sie ein anderes.',
    password_too_easy:
      'Dieses Passwort ist zu leicht zu erraten. Vermeiden Sie Ihren Namen, Ihre Adresse, Wiederholungen, Daten und Tastenreihen.',
    password_breached:
      'Dieses Passwort ist aus einem Datenleck bei einem anderen Dienst bekannt. Wählen Sie ein anderes.',
  },
  es: {
    label: 'Contraseña nueva',
    hint: 'Al menos {least} caracteres; se admiten espacios y cualquier signo.',
    password_too_short: 'Esta contraseña es demasiado corta. Use varias palabras que no tengan relación entre sí.',
    password_too_long: 'Esta contraseña es demasiado larga: el máximo son 1.024 bytes.',
    password_too_common:
      'Muchas personas usan esta contraseña, por lo que es de las primeras que se prueban. Elija otra.',
    password_too_easy:
      'Esta contraseña es demasiado fácil de adivinar. Evite su nombre, su dirección, repeticiones, fechas y filas de teclas.',
    password_breached: 'Esta contraseña se conoce por una filtración de datos de otro servicio. Elija otra.',
  },
});
