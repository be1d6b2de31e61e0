import type { Problem } from '@portcullis/http';
import type { Locale } from '@portcullis/ui';

type Texts<Code extends string> = Record<Code, string>;

/** What is said of a status, in place of the English title. */
const titles = {
  de: {
    400: 'Diese Anfrage war nicht verständlich',
    401: 'Bitte melden Sie sich an',
    403: 'Das ist Ihnen nicht erlaubt',
    404: 'Seite nicht gefunden',
    405: 'Das geht hier nicht',
    409: 'Das passt nicht mehr',
    413: 'Das war zu viel auf einmal',
    415: 'Dieses Format wird nicht angenommen',
    429: 'Bitte warten Sie einen Augenblick',
    500: 'Etwas ist schiefgegangen',
    503: 'Vorübergehend nicht verfügbar',
  },
  es: {
    400: 'No se ha entendido la petición',
    401: 'Inicie sesión',
    403: 'Esto no le está permitido',
    404: 'Página no encontrada',
    405: 'Eso no funciona aquí',
    409: 'Eso ya no encaja',
    413: 'Era demasiado de una vez',
    415: 'Este formato no se acepta',
    429: 'Espere un momento, por favor',
    500: 'Algo ha ido mal',
    503: 'No disponible por el momento',
  },
};

const germanForm =
  'Dieses Formular gilt nicht mehr, vielleicht weil Sie sich inzwischen an- oder abgemeldet haben. Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.';

const german = {
  not_found: 'Unter dieser Adresse gibt es nichts. Vielleicht ist die Seite umgezogen, vielleicht gab es sie nie.',
  method_not_allowed: 'Diese Adresse nimmt eine solche Anfrage nicht an.',
  too_large: 'Was gesendet wurde, ist größer, als diese Seite annimmt.',
  unsupported_media_type: 'Diese Adresse nimmt dieses Format nicht an.',
  unexpected_format: 'Diese Adresse nimmt dieses Format nicht an.',
  invalid_request: 'Die Anfrage war nicht verständlich.',
  server_error: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.',
  duplicate_field: 'Ein Feld wurde mehr als einmal gesendet.',
  invalid_field: 'Ein Feld enthält ein Zeichen, das nicht erlaubt ist.',
  unreadable_body: 'Was gesendet wurde, ließ sich nicht lesen.',
  cross_site_request: germanForm,
  csrf_cookie_missing: germanForm,
  csrf_token_mismatch: germanForm,
  temporarily_unavailable:
    'Die Anmeldung ist ausgelastet oder startet gerade neu. Versuchen Sie es gleich noch einmal.',
  accounts_unreachable: 'Die Anmeldung ist für einen Augenblick nicht möglich. Bitte versuchen Sie es noch einmal.',
  sign_in_busy: 'Gerade melden sich sehr viele Menschen an. Versuchen Sie es in Kürze noch einmal.',
  consent_unavailable: 'Diese Anwendung kann hier noch nicht benutzt werden.',
  password_too_long: 'Dieses Passwort ist zu lang.',
  invalid_form: 'Dieses Formular war nicht verständlich.',
  no_answer: 'Wählen Sie, ob Sie das erlauben oder nicht.',
};

const spanishForm =
  'Este formulario ya no es válido, quizá porque entretanto se inició o se cerró una sesión. Vuelva atrás, recargue la página e inténtelo de nuevo.';

const spanish: Texts<keyof typeof german> = {
  not_found: 'En esta dirección no hay nada. Puede que la página se haya movido o que nunca existiera.',
  method_not_allowed: 'Esta dirección no acepta ese tipo de petición.',
  too_large: 'Lo enviado es más grande de lo que esta página acepta.',
  unsupported_media_type: 'Esta dirección no acepta ese formato.',
  unexpected_format: 'Esta dirección no acepta ese formato.',
  invalid_request: 'No se ha podido entender la petición.',
  server_error: 'Algo ha ido mal por nuestra parte. Inténtelo de nuevo en un momento.',
  duplicate_field: 'Un campo se ha enviado más de una vez.',
  invalid_field: 'Un campo contiene un carácter que no está permitido.',
  unreadable_body: 'No se ha podido leer lo enviado.',
  cross_site_request: spanishForm,
  csrf_cookie_missing: spanishForm,
  csrf_token_mismatch: spanishForm,
  temporarily_unavailable: 'El inicio de sesión está saturado o se está reiniciando. Inténtelo de nuevo en un momento.',
  accounts_unreachable: 'No es posible iniciar sesión en este momento. Inténtelo de nuevo, por favor.',
  sign_in_busy: 'Hay muchas personas iniciando sesión ahora mismo. Inténtelo de nuevo dentro de poco.',
  consent_unavailable: 'Esta aplicación todavía no se puede usar aquí.',
  password_too_long: 'Esta contraseña es demasiado larga.',
  invalid_form: 'No se ha entendido el formulario.',
  no_answer: 'Elija si lo permite o no.',
};

const messages: Record<'de' | 'es', Record<string, string>> = { de: german, es: spanish };

/** A problem in the reader's language. Its own English words stay where nobody has translated its code. */
export function inWordsOf(locale: Locale, problem: Problem): Problem {
  if (locale === 'en') return problem;
  const byStatus: Record<number, string> = titles[locale];
  const { title, message, code, status } = problem;
  return { ...problem, title: byStatus[status] ?? title, message: messages[locale][code] ?? message };
}
