export type Outcome =
  | { ok: true; status: number }
  /** final: nothing will make it arrive, so it is not tried again. */
  | { ok: false; status: number | null; error: string; final?: true };

const answerWithinMs = 5000;

/** One POST. Follows no redirect and reads no body: where it goes was registered, and all it is told is the status. */
export async function postOnce(
  url: string,
  request: {
    body: string | URLSearchParams;
    headers?: Record<string, string>;
    delivered: (status: number) => boolean;
    signal: AbortSignal;
  },
): Promise<Outcome> {
  const late = AbortSignal.timeout(answerWithinMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: request.body,
      headers: { 'user-agent': 'portcullis', ...request.headers },
      redirect: 'manual',
      signal: AbortSignal.any([late, request.signal]),
    });
    const { status } = response;
    await response.body?.cancel();
    return request.delivered(status) ? { ok: true, status } : { ok: false, status, error: `answered with ${status}` };
  } catch (error) {
    if (late.aborted) return { ok: false, status: null, error: `no answer within ${answerWithinMs / 1000} s` };
    return { ok: false, status: null, error: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
