import { z } from 'zod';

export const Thread = z.object({
  id: z.int().positive(),
  category: z.string(),
  title: z.string(),
  sub: z.string(),
  author: z.string(),
  startedAt: z.iso.datetime(),
  posts: z.int().nonnegative(),
  hidden: z.boolean(),
});
export type Thread = z.infer<typeof Thread>;

/** GET /api/threads of the forum, newest first. */
export const ThreadsAnswer = z.object({ threads: z.array(Thread), next: z.int().positive().nullable() });
export type ThreadsAnswer = z.infer<typeof ThreadsAnswer>;

/** A post as other applications see it. The text of a hidden post stays in the forum. */
export const Post = z.object({
  id: z.int().positive(),
  thread: z.object({ id: z.int().positive(), title: z.string() }),
  sub: z.string(),
  author: z.string(),
  postedAt: z.iso.datetime(),
  hidden: z.boolean(),
  excerpt: z.string().nullable(),
});
export type Post = z.infer<typeof Post>;

/** GET /api/posts of the forum, newest first. */
export const PostsAnswer = z.object({ posts: z.array(Post), next: z.int().positive().nullable() });
export type PostsAnswer = z.infer<typeof PostsAnswer>;
