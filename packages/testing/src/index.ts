/**
 * What tests of several packages need: real servers to test against, and waiting for a condition instead of for time.
 * It knows nothing of the product; nothing outside tests and benchmarks imports it.
 */
export { eventually } from './eventually.ts';
export { freshDatabase, type FreshDatabase } from './database.ts';
export { freePort } from './free-port.ts';
export { startRedis, type TestRedis } from './redis.ts';
export { unique } from './unique.ts';
