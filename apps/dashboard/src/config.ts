import { parseEnv } from '@portcullis/config';
import { settingsOf, settingsShape } from '@portcullis/relying-party';
import { z } from 'zod';

/** The environment is read here and nowhere else; the rest of the dashboard receives this value. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const v = parseEnv(
    {
      ...settingsShape,
      SHOP_URL: z.url(), // where people find the shop and the forum, and where their APIs are asked
      FORUM_URL: z.url(),
    },
    env,
  );
  return {
    ...settingsOf(v),
    family: { shop: v.SHOP_URL, forum: v.FORUM_URL },
  };
}
export type Config = ReturnType<typeof loadConfig>;
