/** An entry of a stream, and the reply to TIME, as Redis sends them. */
export type Change = [id: string, fields: string[]];
export type Time = [seconds: string, microseconds: string];

type Transaction = { exec(): Promise<[Error | null, unknown][] | null> };

/** The replies in order; throws the first error among them. */
export async function transaction<T extends unknown[]>(multi: Transaction): Promise<T> {
  const replies = (await multi.exec()) ?? [];
  return replies.map(([error, reply]) => {
    if (error) throw error;
    return reply;
  }) as T;
}

export function inMs([seconds, microseconds]: Time): number {
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}
