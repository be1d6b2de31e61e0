/**
 * A link into another application of the family by way of its silent sign-in: who is signed in here is signed in
 * there, anybody else just sees the page.
 */
export function silently(base: string, path = '/'): string {
  const url = new URL('/sign-in?silent=1', base);
  url.searchParams.set('return_to', path);
  return url.href;
}
