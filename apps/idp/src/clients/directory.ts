import type { Pool } from 'pg';
import type { Acr } from '#sign-in/assurance.ts';

/** A client as the protocol needs it: its registration and the hashes of the secrets that are valid now. */
export type RegisteredClient = {
  id: string;
  name: string;
  firstParty: boolean;
  uri: string | null;
  /** Begins a sign-in there. */
  signInUri: string | null;
  logoUri: string | null;
  policyUri: string | null;
  tosUri: string | null;
  /** Degrees: the colour of its sign-in pages. */
  brandingHue: number | null;
  minimumAcr: Acr | null;
  metadata: Record<string, unknown>;
  secretHashes: string[];
};
export type ClientDirectory = ReturnType<typeof createClientDirectory>;

/** Every client that is not disabled, held in memory and replaced as a whole by `reload()`; `builtIn` ones are in no database. */
export function createClientDirectory(pool: Pool, builtIn: RegisteredClient[] = []) {
  let clients = new Map<string, RegisteredClient>();
  return { reload, find, applications };

  async function reload(): Promise<void> {
    const { rows } = await pool.query<RegisteredClient>(`
      select c.id, c.name, c.first_party as "firstParty", c.uri, c.logo_uri as "logoUri", c.metadata,
             c.metadata ->> 'sign_in_uri' as "signInUri", c.metadata ->> 'policy_uri' as "policyUri",
             c.metadata ->> 'tos_uri' as "tosUri", (c.metadata ->> 'branding_hue')::int as "brandingHue",
             c.metadata ->> 'minimum_acr' as "minimumAcr",
             coalesce(array_agg(s.hash) filter (where s.hash is not null), '{}') as "secretHashes"
      from client c
      left join client_secret s on s.client_id = c.id and (s.expires_at is null or s.expires_at > now())
      where c.disabled_at is null
      group by c.id`);
    clients = new Map(rows.map((client) => [client.id, client]));
  }

  /** The applications people can go to, as the start page lists them. */
  function applications(): { name: string; href: string }[] {
    return [...clients.values()]
      .flatMap(({ name, uri, firstParty }) => (firstParty && uri ? [{ name, href: uri }] : []))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  }

  function find(id: string): RegisteredClient | undefined {
    return clients.get(id) ?? builtIn.find((client) => client.id === id);
  }
}
