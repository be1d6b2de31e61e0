const german = {
  temporarily_unavailable:
    'Die Anmeldung ist ausgelastet oder startet gerade neu. Versuchen Sie es gleich noch einmal.',
  accounts_unreachable: 'Die Anmeldung ist für einen Augenblick nicht möglich. Bitte versuchen Sie es noch einmal.',
  sign_in_busy: 'Gerade melden sich sehr viele Menschen an. Versuchen Sie es in Kürze noch einmal.',
  consent_unavailable: 'Diese Anwendung kann hier noch nicht benutzt werden.',
  password_too_long: 'Dieses Passwort ist zu lang.',
  invalid_form: 'Dieses Formular war nicht verständlich.',
  no_answer: 'Wählen Sie, ob Sie das erlauben oder nicht.',
};

const spanish: Record<keyof typeof german, string> = {
  temporarily_unavailable: 'El inicio de sesión está saturado o se está reiniciando. Inténtelo de nuevo en un momento.',
  accounts_unreachable: 'No es posible iniciar sesión en este momento. Inténtelo de nuevo, por favor.',
  sign_in_busy: 'Hay muchas personas iniciando sesión ahora mismo. Inténtelo de nuevo dentro de poco.',
  consent_unavailable: 'Esta aplicación todavía no se puede usar aquí.',
  password_too_long: 'Esta contraseña es demasiado larga.',
  invalid_form: 'No se ha entendido el formulario.',
  no_answer: 'Elija si lo permite o no.',
};

/** What is said of the identity provider's own refusals, in place of the English words that stand where they are made. */
export const problemTexts = { de: german, es: spanish };
