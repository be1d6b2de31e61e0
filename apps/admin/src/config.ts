import { parseEnv } from '@portcullis/config';
import { ADMIN_RESOURCE } from '@portcullis/contracts';
import { settingsOf, settingsShape } from '@portcullis/relying-party';
import { z } from 'zod';

/** The environment is read here and nowhere else; the rest of the console receives this value. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const v = parseEnv(
    {
      ...settingsShape,
      RESOURCE: z.string().default(ADMIN_RESOURCE), // the admin API, and nothing of the family
      SHOP_URL: z.url(),
      FORUM_URL: z.url(),
      DASHBOARD_URL: z.url(),
    },
    env,
  );
  return {
    ...settingsOf(v),
    family: { shop: v.SHOP_URL, forum: v.FORUM_URL, dashboard: v.DASHBOARD_URL },
  };
}
export type Config = ReturnType<typeof loadConfig>;
