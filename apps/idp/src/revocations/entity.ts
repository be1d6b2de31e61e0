import { defineEntity, p } from '@mikro-orm/core';
import type { Cause, Target } from '@portcullis/revocation';

const LedgerEntrySchema = defineEntity({
  name: 'LedgerEntry',
  tableName: 'revocation',
  indexes: [
    { name: 'revocation_unpublished', properties: ['recordedAt'], where: 'published_at is null' },
    { properties: ['expiresAt'] },
    { properties: ['target'] },
  ],
  properties: {
    id: p.uuid().primary(),
    /**
     * The place in the order of publication, given by the publisher and not by the writer: a transaction that
     * commits late therefore never has a number lower than one the verifiers have already passed.
     */
    seq: p.bigint('number').strictNullable().unique(),
    target: p.json<Target>(),
    cause: p.text().$type<Cause>(),
    /** A whole second. Tokens with `iat` up to and including it are dead; null: every token, until lifted. */
    issuedBefore: p.datetime(0).strictNullable(),
    actor: p.text().strictNullable(),
    recordedAt: p.datetime(3),
    /** When the last affected token has expired anyway; null: no end known. */
    expiresAt: p.datetime(0).strictNullable(),
    /** The outbox mark: null until Redis has the entry as it stands. A changed entry goes back to null. */
    publishedAt: p.datetime(3).strictNullable(),
  },
});

/** One revocation as PostgreSQL holds it. A row is never deleted by an act; only `lift` changes one. */
export class LedgerEntry extends LedgerEntrySchema.class {}
LedgerEntrySchema.setClass(LedgerEntry);

const DenylistPositionSchema = defineEntity({
  name: 'DenylistPosition',
  tableName: 'denylist_position',
  properties: {
    id: p.text().primary(),
    epoch: p.text().strictNullable(),
    seq: p.bigint('number'),
  },
});

/** One row: where Redis stands if it lost nothing. Whoever publishes holds its lock, so publications follow one another. */
export class DenylistPosition extends DenylistPositionSchema.class {}
DenylistPositionSchema.setClass(DenylistPosition);
