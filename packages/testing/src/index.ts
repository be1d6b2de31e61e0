/**
 * What tests of several packages need: real servers to test against, and waiting for a condition instead of for time.
 * It knows nothing of the product's code, which it only starts as an operator would; nothing outside tests and benchmarks imports it.
 */
export { openDoor, type TestPerson } from './door.ts';
export { eventually } from './eventually.ts';
export { freshDatabase, type FreshDatabase } from './database.ts';
export { freePort } from './free-port.ts';
export { demo, startNodeProcess, startPortcullis, testClientSecret, type TestPortcullis } from './portcullis.ts';
export { startInbox, type ReceivedLetter, type TestInbox } from './inbox.ts';
export { startRedis, type TestRedis } from './redis.ts';
export { createTraveller, type Stop, type Traveller } from './traveller.ts';
export { unique } from './unique.ts';
export { createVisitor, type VisitedPage, type Visitor } from './visitor.ts';
