/**
 * What tests of several packages need: real servers to test against, and waiting for a condition instead of for time.
 * It knows nothing of the product; nothing outside tests and benchmarks imports it.
 */
export { openDoor, type TestPerson } from './door.ts';
export { eventually } from './eventually.ts';
export { freshDatabase, type FreshDatabase } from './database.ts';
export { freePort } from './free-port.ts';
export { startRedis, type TestRedis } from './redis.ts';
export { unique } from './unique.ts';
export { createVisitor, type VisitedPage, type Visitor } from './visitor.ts';
