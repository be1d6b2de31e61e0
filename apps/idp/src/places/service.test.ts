import { expect, test } from 'vitest';
import { createPlaces } from './service.ts';
import { writeDatabase } from './test/mmdb.ts';

const places = await createPlaces();

test.each([
  ['81.2.69.142', 'GB'],
  ['8.8.8.8', 'US'],
  ['193.99.144.80', 'DE'],
  ['::ffff:81.2.69.142', 'GB'],
  ['2001:638::1', 'DE'],
])('%s is in %s', (address, country) => {
  expect(places.countryOf(address)).toBe(country);
});

test.each(['127.0.0.1', '::1', '10.1.2.3', '::ffff:192.168.1.1', '100.64.0.1', 'fe80::1', '192.0.2.1', '', 'unknown'])(
  'a private, reserved or impossible address is nowhere: %j',
  (address) => {
    expect(places.countryOf(address)).toBeUndefined();
    expect(places.originOf(address, 'en').place).toBeNull();
  },
);

test('an address is shown as people know it, its place in the language of the reader', () => {
  const origin = (locale: 'en' | 'de' | 'es') => places.originOf('::ffff:81.2.69.142', locale);
  expect(origin('en')).toEqual({ address: '81.2.69.142', place: 'United Kingdom' });
  expect(origin('de').place).toBe('Vereinigtes Königreich');
  expect(origin('es').place).toBe('Reino Unido');
  expect(places.originOf(null, 'en')).toEqual({ address: null, place: null });
});

test.each([
  [{ country: { iso_code: 'GB' }, city: { names: { en: 'London', es: 'Londres' } } }, 'Londres, Reino Unido'],
  [{ country: { iso_code: 'GB' }, city: { names: { en: 'Bristol' } } }, 'Bristol, Reino Unido'],
  [{ country_code: 'GB', city: 'Bristol' }, 'Bristol, Reino Unido'],
  [{ country_code: 'GB', city: '' }, 'Reino Unido'],
  [{ country: { iso_code: 'ES' } }, 'España'],
  [{ country_code: 'ZZ' }, null],
  [{ autonomous_system: 'AS64500' }, null],
])("an operator's own database is read in either of the common layouts: %j", async (record, place) => {
  await using database = await writeDatabase({ address: '81.2.69.0', bits: 24 }, record);
  const own = await createPlaces(database);
  expect(own.originOf('81.2.69.142', 'es').place).toBe(place);
  expect(own.countryOf('8.8.8.8')).toBeUndefined();
});

test("a private address is nowhere, whatever an operator's own database says of it", async () => {
  await using database = await writeDatabase({ address: '10.0.0.0', bits: 8 }, { country_code: 'GB' });
  expect((await createPlaces(database)).countryOf('10.1.2.3')).toBeUndefined();
});

test.each(['/nowhere.mmdb', import.meta.filename])(
  'a node does not start with what is no database: %s',
  async (path) => {
    await expect(createPlaces({ path })).rejects.toThrow(`GEOIP_DATABASE: ${path} cannot be read`);
  },
);
