import Router from '@koa/router';
import { AppError, readJson, readQuery } from '@portcullis/http';
import type { acknowledgeForFeed } from '@portcullis/revocation';
import type { Context } from 'koa';
import { z } from 'zod';
import type { ClientDirectory } from '#clients/directory.ts';
import { authenticateReader } from './feed-authentication.ts';
import type { LedgerPosition } from './feed-ledger.ts';
import type { Feed } from './feed-service.ts';

type Acknowledgement = Parameters<typeof acknowledgeForFeed>[2];
type Deps = {
  feed: Pick<Feed, 'subscribe'>;
  clients: Pick<ClientDirectory, 'find'>;
  /** Keeps what a mirror of this application said of itself. Throws when Redis is away. */
  acknowledge: (app: string, said: Acknowledgement) => Promise<void>;
};

const Query = z.object({
  /** Comes back in `opened`, so that a reader knows the stream to be an answer to its own request. */
  challenge: z.string().max(128).default(''),
  after: z.string().max(128).optional(),
});

const sequence = z.int().min(0);
const Body: z.ZodType<Acknowledgement> = z.strictObject({
  instance: z.string().min(1).max(128),
  run: z.uuid(),
  state: z.enum(['starting', 'fresh', 'stale', 'closed']),
  epoch: z.string().max(64).nullable(),
  upto: sequence,
  seqs: z.array(sequence).max(1000),
  leaving: z.literal(true).optional(),
});

/** The feed for applications that cannot reach Redis; the contract is in the README of packages/revocation. */
export function feedRoutes({ feed, clients, acknowledge }: Deps): Router {
  const router = new Router();

  router.get('/revocations', (ctx) => {
    const { id, secretHash } = authenticateReader(ctx, clients);
    const query = Query.safeParse(readQuery(ctx));
    if (!query.success) throw new AppError('invalid', 'invalid_request', 'The query could not be understood.');
    if (ctx.method === 'HEAD') {
      ctx.status = 204;
      return;
    }
    ctx.status = 200;
    ctx.set('Content-Type', 'text/event-stream');
    ctx.set('X-Accel-Buffering', 'no'); // nginx would hold the events back
    const cursor = cursorOf(ctx, query.data.after);
    feed.subscribe({ id }, { res: ctx.res, secretHash, challenge: query.data.challenge, cursor });
    ctx.respond = false;
  });

  router.post(
    '/revocations/acknowledgements',
    (ctx, next) => {
      ctx.state['reader'] = authenticateReader(ctx, clients).id; // before anything of the body is read
      ctx.state['routine'] = true; // one a second from each mirror
      return next();
    },
    readJson,
    async (ctx) => {
      const said = Body.safeParse(ctx.request.body);
      if (!said.success)
        throw new AppError('invalid', 'invalid_request', 'The acknowledgement could not be understood.');
      try {
        await acknowledge(String(ctx.state['reader']), said.data);
      } catch {
        // Nothing is lost by it and every mirror would fill the log with it: the state of Redis is logged elsewhere.
        ctx.status = 503;
        ctx.set('Retry-After', '5');
        ctx.body = { error: 'receipts_unavailable', message: 'Receipts cannot be kept now.' };
        return;
      }
      ctx.status = 204;
    },
  );

  return router;
}

/** `<epoch>:<seq>`. One that cannot be read is none: its bearer gets a snapshot. */
function cursorOf(ctx: Context, after: string | undefined): LedgerPosition | undefined {
  const [, epoch, seq] = /^(.+):(\d{1,15})$/.exec(ctx.get('Last-Event-ID') || after || '') ?? [];
  return epoch === undefined ? undefined : { epoch, seq: Number(seq) };
}
