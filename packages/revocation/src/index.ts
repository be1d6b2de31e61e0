/** The wire contract of the denylist and both its ends; in words for other languages: ../README.md. */
export { causes, toRevocation, type Cause, type Revocation, type Target, type TokenClaims } from './revocation.ts';
export { keys } from './keys.ts';
export { createPublisher, type Publisher } from './publisher.ts';
export { type Log, type MirrorState, type Source } from './source.ts';
export { redisSource } from './redis-source.ts';
export { acknowledgeForFeed } from './feed-acknowledgements.ts';
export { feedSource } from './feed-source.ts';
export { createMirror, type Mirror, type MirrorStatus, type Verdict, type WhenStale } from './mirror.ts';
export { createReceipts, type Receipt } from './receipts.ts';
export { registerMirrorMetrics } from './metrics.ts';
