import { defineMessages } from '@portcullis/ui';

/** `expected` is what has to be typed. */
export const everyoneMessages = defineMessages({
  en: {
    lede: 'For the day something has leaked: every token issued before a moment is refused, everywhere, at once.',
    text: 'Everybody who signed in before the moment below has to sign in again, you among them. No account is changed.',
    before: 'Before (UTC)',
    before_hint: 'Empty means now.',
    button: 'Sign everybody out',
    expected: 'sign everybody out',
    no_moment: 'Give the day and the time, or leave it empty to mean now.',
    not_yet: 'This moment has not come yet.',
  },
  de: {
    lede: 'Für den Tag, an dem etwas durchgesickert ist: Jedes vor einem Zeitpunkt ausgestellte Token wird sofort und überall abgelehnt.',
    text: 'Alle, die sich vorher angemeldet haben, müssen sich neu anmelden, auch Sie. Kein Konto wird geändert.',
    before: 'Vor (UTC)',
    before_hint: 'Leer heißt: jetzt.',
    button: 'Alle abmelden',
    expected: 'alle abmelden',
    no_moment: 'Geben Sie Tag und Uhrzeit an, oder lassen Sie es leer für jetzt.',
    not_yet: 'Dieser Zeitpunkt ist noch nicht gekommen.',
  },
  es: {
    lede: 'Para el día en que algo se haya filtrado: todo token emitido antes de un momento se rechaza en todas partes, de inmediato.',
    text: 'Quien haya iniciado sesión antes tiene que volver a hacerlo, usted también. No se cambia ninguna cuenta.',
    before: 'Antes de (UTC)',
    before_hint: 'Vacío significa ahora.',
    button: 'Cerrar la sesión de todos',
    expected: 'cerrar todas las sesiones',
    no_moment: 'Indique el día y la hora, o déjelo vacío para ahora.',
    not_yet: 'Ese momento todavía no ha llegado.',
  },
});
