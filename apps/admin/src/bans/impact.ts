import type { BanPreview } from '@portcullis/contracts';
import { counted, listed } from '#pages/count.ts';

export type Impact = { sentence: string; sessions: string; applications: string; devices: string; names: string };

/** What a ban would end, in words. */
export function impactOf({ sessions, applications, devices }: BanPreview): Impact {
  const counts = [
    counted(sessions, 'session'),
    counted(applications.length, 'application'),
    counted(devices, 'device'),
  ] as const;
  const nothing = sessions === 0 && applications.length === 0;
  return {
    sentence: nothing ? 'Nobody is signed in: nothing will end.' : `${listed([...counts])} will end.`,
    sessions: String(sessions),
    applications: String(applications.length),
    devices: String(devices),
    names: listed(applications),
  };
}
