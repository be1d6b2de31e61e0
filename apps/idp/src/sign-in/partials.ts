const here = (file: string): URL => new URL(file, import.meta.url);

/** Parts that the pages of a sign-in share. */
export const signInPartials = {
  'sign-in-cancel': here('sign-in-cancel.hbs'),
  'sign-in-client': here('sign-in-client.hbs'),
  'sign-in-person': here('sign-in-person.hbs'),
};
