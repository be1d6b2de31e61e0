import type { Locale } from '@portcullis/http';
import type { Cause } from '@portcullis/revocation';

/** Why a session ended, to the person whose it was: what happened, and what to do next. */
export type Ending = { happened: string; next: string };

/** After these a new sign-in is of no use. */
const final = new Set<Cause>(['ban', 'client_disabled', 'account_deleted']);

/** `cause`: undefined where nobody says why, as when a session has simply grown too old. */
export function endingOf(cause: Cause | undefined, locale: Locale): Ending & { signIn: boolean } {
  return { ...endings[locale][cause ?? 'unexplained'], signIn: !(cause && final.has(cause)) };
}

const again = {
  en: { next: 'Sign in to go on.' },
  de: { next: 'Melden Sie sich an, um fortzufahren.' },
  es: { next: 'Inicie sesión para continuar.' },
};

const endings: Record<Locale, Record<Cause | 'unexplained', Ending>> = {
  en: {
    ban: {
      happened: 'Your account has been blocked.',
      next: 'If you think that this is a mistake, write to whoever runs this site.',
    },
    unban: { ...again.en, happened: 'Your account was blocked and is open again.' },
    sign_out: { ...again.en, happened: 'You signed out, here or in another application.' },
    session_ended: {
      ...again.en,
      happened: 'This session was ended from the list of your sessions, by an administrator or by the sign-in service.',
    },
    password_changed: {
      happened: 'The password of your account was changed, which ends every session that began with the old one.',
      next: 'Sign in with the new password. If it was not you who changed it, have it reset now.',
    },
    factor_changed: {
      happened: 'A second factor of your account was changed, which ends every session that began before.',
      next: 'Sign in again. If it was not you who changed it, change your password now.',
    },
    consent_withdrawn: {
      happened: 'You took back what you had allowed this application.',
      next: 'If you want to use it again, sign in, and you will be asked anew.',
    },
    refresh_reuse: {
      happened:
        'A key of your session was used twice, as happens when somebody has copied it. To be safe, we ended the session.',
      next: 'Sign in again. If that was on a device you do not trust, change your password.',
    },
    code_reuse: {
      happened:
        'Your sign-in was presented twice, as happens when somebody has copied it. To be safe, we ended the session.',
      next: 'Sign in again. If that was on a device you do not trust, change your password.',
    },
    roles_changed: { ...again.en, happened: 'What your account may do has changed.' },
    client_disabled: {
      happened: 'This application has been switched off, so nobody can sign in here.',
      next: 'Nothing is wrong with your account; your other applications go on working.',
    },
    secret_revoked: {
      ...again.en,
      happened: 'A secret of this application was withdrawn, so everybody here has to sign in again.',
    },
    token_revoked: { ...again.en, happened: 'The access that this application had in your name was withdrawn.' },
    account_deleted: {
      happened: 'This account has been deleted.',
      next: 'If you did not want that, write to whoever runs this site.',
    },
    everyone_before: {
      ...again.en,
      happened: 'Everybody has been signed out by an administrator. Nothing is wrong with your account.',
    },
    unexplained: { ...again.en, happened: 'Your session has ended.' },
  },
  de: {
    ban: {
      happened: 'Ihr Konto wurde gesperrt.',
      next: 'Wenn Sie das für einen Irrtum halten, schreiben Sie dem Betreiber dieser Seite.',
    },
    unban: { ...again.de, happened: 'Ihr Konto war gesperrt und ist wieder offen.' },
    sign_out: { ...again.de, happened: 'Sie haben sich abgemeldet, hier oder in einer anderen Anwendung.' },
    session_ended: {
      ...again.de,
      happened:
        'Diese Sitzung wurde beendet: in der Liste Ihrer Sitzungen, durch die Verwaltung oder durch den Anmeldedienst.',
    },
    password_changed: {
      happened: 'Das Passwort Ihres Kontos wurde geändert; damit endet jede Sitzung, die mit dem alten begonnen hat.',
      next: 'Melden Sie sich mit dem neuen Passwort an. Wenn nicht Sie es geändert haben, lassen Sie es jetzt zurücksetzen.',
    },
    factor_changed: {
      happened: 'Ein zweiter Faktor Ihres Kontos wurde geändert; damit endet jede Sitzung, die vorher begonnen hat.',
      next: 'Melden Sie sich wieder an. Wenn nicht Sie ihn geändert haben, ändern Sie jetzt Ihr Passwort.',
    },
    consent_withdrawn: {
      happened: 'Sie haben zurückgenommen, was Sie dieser Anwendung erlaubt hatten.',
      next: 'Wenn Sie sie wieder benutzen möchten, melden Sie sich an; Sie werden dann neu gefragt.',
    },
    refresh_reuse: {
      happened:
        'Ein Schlüssel Ihrer Sitzung wurde zweimal benutzt, wie es geschieht, wenn jemand ihn kopiert hat. Zur Sicherheit haben wir die Sitzung beendet.',
      next: 'Melden Sie sich wieder an. War das an einem Gerät, dem Sie nicht trauen, ändern Sie Ihr Passwort.',
    },
    code_reuse: {
      happened:
        'Ihre Anmeldung wurde zweimal vorgelegt, wie es geschieht, wenn jemand sie kopiert hat. Zur Sicherheit haben wir die Sitzung beendet.',
      next: 'Melden Sie sich wieder an. War das an einem Gerät, dem Sie nicht trauen, ändern Sie Ihr Passwort.',
    },
    roles_changed: { ...again.de, happened: 'Was Ihr Konto darf, hat sich geändert.' },
    client_disabled: {
      happened: 'Diese Anwendung wurde abgeschaltet; niemand kann sich hier anmelden.',
      next: 'Mit Ihrem Konto ist alles in Ordnung; Ihre anderen Anwendungen laufen weiter.',
    },
    secret_revoked: {
      ...again.de,
      happened: 'Ein Geheimnis dieser Anwendung wurde zurückgezogen; alle müssen sich hier neu anmelden.',
    },
    token_revoked: {
      ...again.de,
      happened: 'Der Zugriff, den diese Anwendung in Ihrem Namen hatte, wurde zurückgezogen.',
    },
    account_deleted: {
      happened: 'Dieses Konto wurde gelöscht.',
      next: 'Wenn Sie das nicht wollten, schreiben Sie dem Betreiber dieser Seite.',
    },
    everyone_before: {
      ...again.de,
      happened: 'Die Verwaltung hat alle abgemeldet. Mit Ihrem Konto ist alles in Ordnung.',
    },
    unexplained: { ...again.de, happened: 'Ihre Sitzung ist beendet.' },
  },
  es: {
    ban: {
      happened: 'Su cuenta ha sido bloqueada.',
      next: 'Si cree que es un error, escriba a quien administra este sitio.',
    },
    unban: { ...again.es, happened: 'Su cuenta estaba bloqueada y vuelve a estar abierta.' },
    sign_out: { ...again.es, happened: 'Ha cerrado la sesión, aquí o en otra aplicación.' },
    session_ended: {
      ...again.es,
      happened:
        'Esta sesión se cerró desde la lista de sus sesiones, por la administración o por el servicio de inicio de sesión.',
    },
    password_changed: {
      happened:
        'Se ha cambiado la contraseña de su cuenta, y con ello terminan las sesiones iniciadas con la anterior.',
      next: 'Inicie sesión con la contraseña nueva. Si no fue usted quien la cambió, restablézcala ahora.',
    },
    factor_changed: {
      happened: 'Se ha cambiado un segundo factor de su cuenta, y con ello terminan las sesiones iniciadas antes.',
      next: 'Vuelva a iniciar sesión. Si no fue usted quien lo cambió, cambie su contraseña ahora.',
    },
    consent_withdrawn: {
      happened: 'Ha retirado lo que había permitido a esta aplicación.',
      next: 'Si quiere volver a usarla, inicie sesión y se le preguntará de nuevo.',
    },
    refresh_reuse: {
      happened:
        'Una clave de su sesión se usó dos veces, como ocurre cuando alguien la ha copiado. Por seguridad hemos cerrado la sesión.',
      next: 'Vuelva a iniciar sesión. Si fue en un dispositivo que no es de confianza, cambie su contraseña.',
    },
    code_reuse: {
      happened:
        'Su inicio de sesión se presentó dos veces, como ocurre cuando alguien lo ha copiado. Por seguridad hemos cerrado la sesión.',
      next: 'Vuelva a iniciar sesión. Si fue en un dispositivo que no es de confianza, cambie su contraseña.',
    },
    roles_changed: { ...again.es, happened: 'Ha cambiado lo que su cuenta puede hacer.' },
    client_disabled: {
      happened: 'Esta aplicación se ha desactivado, así que nadie puede iniciar sesión aquí.',
      next: 'Su cuenta está bien; sus demás aplicaciones siguen funcionando.',
    },
    secret_revoked: {
      ...again.es,
      happened: 'Se ha retirado un secreto de esta aplicación, así que todos tienen que volver a iniciar sesión aquí.',
    },
    token_revoked: {
      ...again.es,
      happened: 'Se ha retirado el acceso que esta aplicación tenía en su nombre.',
    },
    account_deleted: {
      happened: 'Esta cuenta se ha eliminado.',
      next: 'Si no lo quería, escriba a quien administra este sitio.',
    },
    everyone_before: {
      ...again.es,
      happened: 'La administración ha cerrado todas las sesiones. Su cuenta está bien.',
    },
    unexplained: { ...again.es, happened: 'Su sesión ha terminado.' },
  },
};
