/** Links through a list that is read in one direction: on, and back to where it starts. */
export type Keyset = { startHref: string | null; nextHref: string | null };

export function keyset(
  path: string,
  filters: Record<string, string | undefined>,
  place: { after: string | undefined; next: string | null },
): Keyset | null {
  if (place.after === undefined && place.next === null) return null;
  return {
    startHref: place.after === undefined ? null : hrefWith(path, filters),
    nextHref: place.next === null ? null : hrefWith(path, { ...filters, after: place.next }),
  };
}

/** The path with those of the parameters that say something. */
export function hrefWith(path: string, parameters: Record<string, string | undefined>): string {
  const said = Object.entries(parameters).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return said.length > 0 ? `${path}?${new URLSearchParams(said)}` : path;
}
