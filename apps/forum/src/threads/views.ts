import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { FieldState } from '@portcullis/ui';
import type { Category } from '#categories/categories.ts';
import type { ForumWords } from '#i18n/messages.ts';
import { type Paging, paging } from '#pages/paging.ts';
import type { Post, Thread } from './threads.ts';
import type { Viewer } from './viewer.ts';

/** A form as it was typed and why it was refused, if it was. */
export type Attempt = { typed: Partial<Record<string, string>>; problems?: z.ZodError; notice?: string };

type FormView = { requestId: string; csrf: string; notice: string | null };
export type NewThreadView = FormView & { category: Category; title: FieldState; body: FieldState };

type PostView = {
  id: number;
  author: string;
  initial: string;
  posted: Date;
  paragraphs: string | null;
  hidden: boolean;
  hiddenBy: string | null;
  moderation: { action: string; label: string; csrf: string } | null;
};
export type ThreadView = {
  id: number;
  title: string;
  category: Category;
  posts: PostView[];
  pages: Paging | null;
  reply: (FormView & { body: FieldState }) | null;
  closed: boolean;
  signInHref: string | null;
};

const graphemes = new Intl.Segmenter();

export function newThreadView(words: ForumWords, category: Category, csrf: string, attempt: Attempt): NewThreadView {
  return { category, ...formView(words, csrf, attempt), title: field('title', attempt), body: field('body', attempt) };
}

type ThreadPage = { thread: Thread; category: Category; page: number };
type Visit = { words: ForumWords; viewer: Viewer; csrf: string; signInHref: string };

export function threadView({ thread, category, page }: ThreadPage, visit: Visit, attempt: Attempt): ThreadView {
  const closed = thread.hidden;
  const mayReply = visit.viewer.sub !== null && !closed;
  return {
    id: thread.id,
    title: thread.title,
    category,
    posts: thread.posts.map((post) => postView(post, visit)),
    pages: paging(visit.words, `/threads/${thread.id}`, page, thread.pages),
    reply: mayReply ? { ...formView(visit.words, visit.csrf, attempt), body: field('body', attempt) } : null,
    closed,
    signInHref: visit.viewer.sub === null ? visit.signInHref : null,
  };
}

function postView(post: Post, { words: { t }, viewer, csrf }: Visit): PostView {
  const verb = post.hidden ? 'unhide' : 'hide';
  return {
    id: post.id,
    author: post.author,
    initial: graphemes.segment(post.author).containing(0)?.segment ?? '?',
    posted: post.postedAt,
    paragraphs: post.body,
    hidden: post.hidden,
    hiddenBy: post.hiddenBy,
    moderation: viewer.moderates
      ? { action: `/posts/${post.id}/${verb}`, label: t(post.hidden ? 'threads.show_again' : 'threads.hide'), csrf }
      : null,
  };
}

/** A refused form keeps its number, so that sending it again is still the same thread or reply. */
function formView({ t }: ForumWords, csrf: string, { typed, problems, notice }: Attempt): FormView {
  const tampered = problems?.issues.some(({ path }) => path[0] !== 'title' && path[0] !== 'body') ?? false;
  const requestId = z.uuid().safeParse(typed['request_id']);
  return {
    requestId: requestId.success ? requestId.data : randomUUID(),
    csrf,
    notice: notice ?? (tampered ? t('threads.unreadable') : null),
  };
}

function field(name: string, { typed, problems }: Attempt): FieldState {
  const problem = problems?.issues.find(({ path }) => path[0] === name);
  return { value: typed[name] ?? '', error: problem?.message ?? null };
}
