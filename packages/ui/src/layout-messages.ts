import { defineMessages } from './messages.ts';

/** What surrounds every page, and what the form partials say by themselves. */
export const layoutMessages = defineMessages({
  en: {
    skip: 'Skip to content',
    by: 'One sign-in for every application, by Portcullis',
    sign_in: 'Sign in',
    sign_out: 'Sign out',
    applications: 'Applications',
    pages: 'Pages',
    previous: 'Previous',
    next: 'Next',
  },
  de: {
    skip: 'Zum Inhalt',
    by: 'Eine Anmeldung für alle Anwendungen, mit Portcullis',
    sign_in: 'Anmelden',
    sign_out: 'Abmelden',
    applications: 'Anwendungen',
    pages: 'Seiten',
    previous: 'Zurück',
    next: 'Weiter',
  },
  es: {
    skip: 'Ir al contenido',
    by: 'Un solo inicio de sesión para todas las aplicaciones, con Portcullis',
    sign_in: 'Iniciar sesión',
    sign_out: 'Cerrar sesión',
    applications: 'Aplicaciones',
    pages: 'Páginas',
    previous: 'Anterior',
    next: 'Siguiente',
  },
});
