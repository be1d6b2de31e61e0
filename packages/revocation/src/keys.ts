/** Every key carries one hash tag, so that scripts and transactions work on Redis Cluster too. */
const tag = '{portcullis:denylist}';

export const keys = {
  /** string: id of the present snapshot. Missing: this Redis knows nothing, whatever else it holds. */
  epoch: `${tag}:epoch`,
  /** string: highest ledger sequence published. */
  seq: `${tag}:seq`,
  /** hash: entry id → entry as JSON. */
  entries: `${tag}:entries`,
  /** sorted set: entry id by `expiresAt`; which entries to sweep. */
  expiry: `${tag}:expiry`,
  /** stream: every change in order, field `entry`, or `keys` for the issuer's signing keys; opens with a marker, field `epoch`. */
  stream: `${tag}:stream`,
  /** pub/sub channel: JSON array of the entries just written. */
  wake: `${tag}:wake`,
  /** sorted set: ledger sequence by the time of its publication in ms, as the id in the stream has it. */
  published: `${tag}:published`,
  /** stream: which sequences which mirror has applied. */
  acks: `${tag}:acks`,
  /** hash: `app|instance` → how that mirror stands, as JSON. */
  mirrors: `${tag}:mirrors`,
  /** string: Redis' time in ms at which a node last began to make sure that all of the ledger had been published. */
  confirmed: `${tag}:confirmed`,
  /** string with a TTL: a rebuild under way; gone means Redis was emptied underneath it. */
  building: (build: string) => `${tag}:building:${build}`,
} as const;

/** About how many changes the stream keeps; who falls further behind loads the snapshot again. */
export const streamLength = 20_000;

/** About how many acknowledgements are kept; what a mirror has proven outlives them in its presence. */
export const acksLength = 100_000;
