import type { Portcullis } from '../command-line.ts';

const notYetEverywhere = 'Recorded, not yet everywhere';

export type Acknowledgement = { at: number; everywhere: boolean };

/**
 * Has the command line do this. What PostgreSQL has recorded is acknowledged, also where the command says (and its exit
 * code) that Redis did not take it yet; anything else throws.
 */
export async function acknowledged(portcullis: Portcullis, words: string[]): Promise<Acknowledgement> {
  const everywhere = await portcullis(words).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && error.message.includes(notYetEverywhere)) return false;
      throw error;
    },
  );
  return { at: performance.now(), everywhere };
}
