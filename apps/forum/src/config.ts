import { parseEnv } from '@portcullis/config';
import { settingsOf, settingsShape } from '@portcullis/relying-party';
import { z } from 'zod';

/** The environment is read here and nowhere else; the rest of the forum receives this value. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const v = parseEnv(
    {
      ...settingsShape,
      DATABASE_URL: z.url(),
      SHOP_URL: z.url(),
      DASHBOARD_URL: z.url(),
    },
    env,
  );
  return {
    ...settingsOf(v),
    databaseUrl: v.DATABASE_URL,
    family: { shop: v.SHOP_URL, dashboard: v.DASHBOARD_URL },
  };
}
export type Config = ReturnType<typeof loadConfig>;
