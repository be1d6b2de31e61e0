/** Who is looking. A hidden post is seen by moderators and by whoever wrote it. */
export type Viewer = { sub: string | null; moderates: boolean };
export type Author = { sub: string; name: string };

export const MODERATOR = 'moderator';
