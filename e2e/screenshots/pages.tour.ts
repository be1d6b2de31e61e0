import { walks } from '../walks/index.ts';
import { test } from './album.ts';

for (const [title, walk] of Object.entries(walks))
  test(title, async ({ traveller, shoot }) => walk({ ...traveller, at: shoot }));
