import type { ErrorKind, Locale } from '@portcullis/http';

type Words = { title: string; message: string };
type Meaning = {
  kind: ErrorKind;
  status: number;
  /** Whether trying again is of use, and what that is called. */
  retry: 'try_again' | 'sign_in' | null;
  /** Nothing failed: the person decided so. */
  ordinary?: boolean;
};

/** Every way a sign-in or a session can fail. */
export const meanings = {
  provider_unreachable: { kind: 'unavailable', status: 503, retry: 'try_again' },
  provider_mismatch: { kind: 'unavailable', status: 503, retry: null },
  client_refused: { kind: 'unavailable', status: 503, retry: null },
  clock_off: { kind: 'unavailable', status: 503, retry: 'try_again' },
  denylist_unknown: { kind: 'unavailable', status: 503, retry: 'try_again' },
  sign_in_expired: { kind: 'invalid', status: 400, retry: 'sign_in' },
  invalid_sign_in: { kind: 'invalid', status: 400, retry: 'sign_in' },
  answer_not_trusted: { kind: 'invalid', status: 400, retry: 'sign_in' },
  token_not_trusted: { kind: 'unavailable', status: 503, retry: 'try_again' },
  sign_in_too_weak: { kind: 'forbidden', status: 403, retry: 'try_again' },
  access_denied: { kind: 'forbidden', status: 403, retry: 'sign_in', ordinary: true },
  session_timed_out: { kind: 'unauthenticated', status: 401, retry: 'sign_in', ordinary: true },
} as const satisfies Record<string, Meaning>;

export type ProblemCode = keyof typeof meanings;

export function meaningOf(code: string): Meaning | undefined {
  return code in meanings ? meanings[code as ProblemCode] : undefined;
}

/** What the pages of a sign-in say by themselves, in every language. */
export const pageWords = {
  en: {
    try_again: 'Try again',
    sign_in: 'Sign in',
    sign_in_again: 'Sign in again',
    front_page: 'To the front page',
    signed_in: 'Signed in',
    session_ended: 'You were signed out',
    confirm: 'Please confirm that it is you',
    confirm_text: 'This was not done yet: it needs a sign-in that is more recent. Sign in, then do it again.',
    signed_out: 'You are signed out',
    signed_out_everywhere: 'Your session here has ended.',
    signed_out_here:
      'Your session here has ended. The sign-in service did not answer, so you may still be signed in there and in other applications.',
  },
  de: {
    try_again: 'Noch einmal versuchen',
    sign_in: 'Anmelden',
    sign_in_again: 'Wieder anmelden',
    front_page: 'Zur Startseite',
    signed_in: 'Angemeldet',
    session_ended: 'Sie wurden abgemeldet',
    confirm: 'Bitte bestätigen Sie, dass Sie es sind',
    confirm_text:
      'Es ist noch nichts geschehen: Dafür muss die Anmeldung jünger sein. Melden Sie sich an und tun Sie es dann noch einmal.',
    signed_out: 'Sie sind abgemeldet',
    signed_out_everywhere: 'Ihre Sitzung hier ist beendet.',
    signed_out_here:
      'Ihre Sitzung hier ist beendet. Der Anmeldedienst hat nicht geantwortet; vielleicht sind Sie dort und in anderen Anwendungen noch angemeldet.',
  },
  es: {
    try_again: 'Intentar de nuevo',
    sign_in: 'Iniciar sesión',
    sign_in_again: 'Volver a iniciar sesión',
    front_page: 'Ir a la página principal',
    signed_in: 'Sesión iniciada',
    session_ended: 'Se ha cerrado su sesión',
    confirm: 'Confirme su identidad, por favor',
    confirm_text:
      'Todavía no se ha hecho nada: hace falta haber iniciado sesión hace menos tiempo. Inicie sesión y hágalo de nuevo.',
    signed_out: 'Ha cerrado la sesión',
    signed_out_everywhere: 'Su sesión aquí ha terminado.',
    signed_out_here:
      'Su sesión aquí ha terminado. El servicio de inicio de sesión no ha respondido, así que quizá siga abierta allí y en otras aplicaciones.',
  },
} as const satisfies Record<Locale, Record<string, string>>;

/** What happened, in words for the person. */
export const problemWords: Record<Locale, Record<ProblemCode, Words>> = {
  en: {
    provider_unreachable: {
      title: 'Sign-in cannot be reached',
      message:
        'The sign-in service does not answer, so nobody can sign in at the moment. Nothing is wrong with your account. Try again in a minute.',
    },
    provider_mismatch: {
      title: 'Sign-in is set up wrongly',
      message:
        'What answered at the address of the sign-in service is not the issuer this application expects. Whoever runs it has to correct ISSUER; trying again will not help.',
    },
    client_refused: {
      title: 'Sign-in is set up wrongly',
      message:
        'The sign-in service does not know this application. Whoever runs it has to check CLIENT_ID, CLIENT_SECRET and the registered addresses; trying again will not help.',
    },
    clock_off: {
      title: 'A clock is wrong',
      message:
        'The clocks of this application and of the sign-in service disagree, so sign-ins cannot be trusted. Whoever runs them has to set the clock (NTP); then it works again by itself.',
    },
    denylist_unknown: {
      title: 'We cannot check your session',
      message:
        'Whether your session is still valid cannot be found out at the moment, and we would rather wait than guess. You are not signed out. Try again in a moment.',
    },
    sign_in_expired: {
      title: 'This sign-in is over',
      message: 'It took too long, was finished already, or was begun in another browser. Start again from here.',
    },
    invalid_sign_in: {
      title: 'That request was not understood',
      message: 'This sign-in link is not understood.',
    },
    answer_not_trusted: {
      title: 'This sign-in was stopped',
      message:
        'The answer did not come from our sign-in service or was changed on its way, so it was thrown away. You have not been signed in. Start again from here.',
    },
    token_not_trusted: {
      title: 'This sign-in was stopped',
      message:
        'What the sign-in service sent did not pass our checks, so you have not been signed in. Try again; if it stays so, tell whoever runs this application.',
    },
    sign_in_too_weak: {
      title: 'A stronger sign-in is needed',
      message:
        'This page asks for a stronger way of signing in than the one you used. Set one up in your account, say a second factor, and come back.',
    },
    access_denied: {
      title: 'You are not signed in',
      message: 'The sign-in was cancelled, or your account may not use this application.',
    },
    session_timed_out: {
      title: 'You were signed out',
      message:
        'To keep others out of your work, a session here ends when it is not used for a while, or has lasted for long. Sign in to go on where you were.',
    },
  },
  de: {
    provider_unreachable: {
      title: 'Die Anmeldung ist nicht erreichbar',
      message:
        'Der Anmeldedienst antwortet nicht; im Augenblick kann sich niemand anmelden. Mit Ihrem Konto ist alles in Ordnung. Versuchen Sie es in einer Minute noch einmal.',
    },
    provider_mismatch: {
      title: 'Die Anmeldung ist falsch eingerichtet',
      message:
        'Unter der Adresse des Anmeldedienstes antwortet nicht der Aussteller, den diese Anwendung erwartet. Wer sie betreibt, muss ISSUER berichtigen; ein neuer Versuch hilft nicht.',
    },
    client_refused: {
      title: 'Die Anmeldung ist falsch eingerichtet',
      message:
        'Der Anmeldedienst kennt diese Anwendung nicht. Wer sie betreibt, muss CLIENT_ID, CLIENT_SECRET und die eingetragenen Adressen prüfen; ein neuer Versuch hilft nicht.',
    },
    clock_off: {
      title: 'Eine Uhr geht falsch',
      message:
        'Die Uhren dieser Anwendung und des Anmeldedienstes stimmen nicht überein; darum ist auf Anmeldungen kein Verlass. Wer sie betreibt, muss die Uhr stellen (NTP), dann geht es von selbst wieder.',
    },
    denylist_unknown: {
      title: 'Ihre Sitzung lässt sich nicht prüfen',
      message:
        'Ob Ihre Sitzung noch gilt, lässt sich im Augenblick nicht feststellen, und wir warten lieber, als zu raten. Sie sind nicht abgemeldet. Versuchen Sie es gleich noch einmal.',
    },
    sign_in_expired: {
      title: 'Diese Anmeldung ist vorbei',
      message:
        'Sie hat zu lange gedauert, war schon abgeschlossen oder wurde in einem anderen Browser begonnen. Beginnen Sie hier von vorn.',
    },
    invalid_sign_in: {
      title: 'Diese Anfrage war nicht verständlich',
      message: 'Dieser Link zur Anmeldung ist nicht verständlich.',
    },
    answer_not_trusted: {
      title: 'Diese Anmeldung wurde angehalten',
      message:
        'Die Antwort kam nicht von unserem Anmeldedienst oder wurde unterwegs verändert und deshalb verworfen. Sie sind nicht angemeldet. Beginnen Sie hier von vorn.',
    },
    token_not_trusted: {
      title: 'Diese Anmeldung wurde angehalten',
      message:
        'Was der Anmeldedienst gesendet hat, hat unsere Prüfung nicht bestanden; deshalb sind Sie nicht angemeldet. Versuchen Sie es noch einmal; bleibt es dabei, sagen Sie es dem Betreiber dieser Anwendung.',
    },
    sign_in_too_weak: {
      title: 'Dafür ist eine stärkere Anmeldung nötig',
      message:
        'Diese Seite verlangt eine stärkere Anmeldung als Ihre jetzige. Richten Sie in Ihrem Konto eine ein, zum Beispiel einen zweiten Faktor, und kommen Sie dann wieder.',
    },
    access_denied: {
      title: 'Sie sind nicht angemeldet',
      message: 'Die Anmeldung wurde abgebrochen, oder Ihr Konto darf diese Anwendung nicht benutzen.',
    },
    session_timed_out: {
      title: 'Sie wurden abgemeldet',
      message:
        'Damit niemand sonst an Ihre Arbeit kommt, endet eine Sitzung hier, wenn sie eine Weile nicht benutzt wird oder schon lange dauert. Melden Sie sich an, um dort weiterzumachen, wo Sie waren.',
    },
  },
  es: {
    provider_unreachable: {
      title: 'El inicio de sesión no responde',
      message:
        'El servicio de inicio de sesión no responde, así que ahora mismo nadie puede entrar. Su cuenta está bien. Inténtelo de nuevo dentro de un minuto.',
    },
    provider_mismatch: {
      title: 'El inicio de sesión está mal configurado',
      message:
        'Lo que responde en la dirección del servicio de inicio de sesión no es el emisor que espera esta aplicación. Quien la administra tiene que corregir ISSUER; volver a intentarlo no servirá.',
    },
    client_refused: {
      title: 'El inicio de sesión está mal configurado',
      message:
        'El servicio de inicio de sesión no conoce esta aplicación. Quien la administra tiene que comprobar CLIENT_ID, CLIENT_SECRET y las direcciones registradas; volver a intentarlo no servirá.',
    },
    clock_off: {
      title: 'Hay un reloj que no está en hora',
      message:
        'Los relojes de esta aplicación y del servicio de inicio de sesión no coinciden, así que los inicios de sesión no son fiables. Quien los administra tiene que ponerlos en hora (NTP); después volverá a funcionar por sí solo.',
    },
    denylist_unknown: {
      title: 'No podemos comprobar su sesión',
      message:
        'En este momento no se puede saber si su sesión sigue siendo válida, y preferimos esperar a adivinar. Su sesión no se ha cerrado. Inténtelo de nuevo en un momento.',
    },
    sign_in_expired: {
      title: 'Este inicio de sesión ya no vale',
      message:
        'Ha tardado demasiado, ya se había completado o se empezó en otro navegador. Empiece de nuevo desde aquí.',
    },
    invalid_sign_in: {
      title: 'No se ha entendido la petición',
      message: 'Este enlace de inicio de sesión no se entiende.',
    },
    answer_not_trusted: {
      title: 'Este inicio de sesión se ha detenido',
      message:
        'La respuesta no venía de nuestro servicio de inicio de sesión o se modificó por el camino, así que se ha descartado. No se ha iniciado ninguna sesión. Empiece de nuevo desde aquí.',
    },
    token_not_trusted: {
      title: 'Este inicio de sesión se ha detenido',
      message:
        'Lo que ha enviado el servicio de inicio de sesión no ha superado nuestras comprobaciones, así que no se ha iniciado ninguna sesión. Inténtelo de nuevo; si sigue igual, avise a quien administra esta aplicación.',
    },
    sign_in_too_weak: {
      title: 'Hace falta un inicio de sesión más seguro',
      message:
        'Esta página pide una forma de iniciar sesión más segura que la que ha usado. Configure una en su cuenta, por ejemplo un segundo factor, y vuelva.',
    },
    access_denied: {
      title: 'No ha iniciado sesión',
      message: 'El inicio de sesión se canceló, o su cuenta no puede usar esta aplicación.',
    },
    session_timed_out: {
      title: 'Se ha cerrado su sesión',
      message:
        'Para que nadie más acceda a su trabajo, una sesión termina aquí cuando no se usa durante un rato o dura ya mucho tiempo. Inicie sesión para seguir donde estaba.',
    },
  },
};
