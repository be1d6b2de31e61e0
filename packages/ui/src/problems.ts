import type { Locale, Problem } from '@portcullis/http';

/** What is said of a refusal, by its code. */
export type ProblemTexts = Partial<Record<Locale, Record<string, string>>>;

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

/** What heads a refusal that the title of its status would not fit, by its code. */
const form = { de: 'Dieses Formular gilt nicht mehr', es: 'Este formulario ya no es válido' };
const titlesOfCodes: Record<string, typeof form> = {
  cross_site_request: form,
  csrf_cookie_missing: form,
  csrf_token_mismatch: form,
};

const germanForm =
  'Vielleicht haben Sie sich inzwischen an- oder abgemeldet. Gehen Sie zurück, laden Sie die Seite neu und senden Sie das Formular noch einmal.';

/** Every code that @portcullis/http refuses with by itself. */
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
};

const spanishForm =
  'Quizá entretanto se inició o se cerró una sesión. Vuelva atrás, recargue la página y envíe el formulario de nuevo.';

const spanish: Record<keyof typeof german, string> = {
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
};

const ours: ProblemTexts = { de: german, es: spanish };

/**
 * A problem in the reader's language. `texts`: what is said of an application's own codes. One that was written in that
 * language already stays as it is, and the English words of a code that nobody has translated stay too.
 */
export function inWordsOf(locale: Locale, problem: Problem, texts: ProblemTexts[] = []): Problem {
  if (locale === 'en' || problem.locale === locale) return problem;
  const byStatus: Record<number, string> = titles[locale];
  const { title, message, code, status } = problem;
  const text = [...texts, ours].map((each) => each[locale]?.[code]).find((found) => found !== undefined);
  return {
    ...problem,
    locale,
    title: titlesOfCodes[code]?.[locale] ?? byStatus[status] ?? title,
    message: text ?? message,
  };
}
