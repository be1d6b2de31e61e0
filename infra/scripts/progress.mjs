/** A failure the person can act on: printed as one line, without a stack. */
export class Refusal extends Error {}

/**
 * One line per step: a tick and how long it took. On a terminal the line counts while the step works;
 * elsewhere only what takes long says that it has begun.
 */
export function createProgress({ stream = process.stdout, quiet = false } = {}) {
  const live = !quiet && stream.isTTY === true;
  return { step, note, say };

  async function step(label, work) {
    const began = performance.now();
    const elapsed = () => seconds(performance.now() - began);
    const show = () => stream.write(`\r\x1b[2K  … ${label}  ${elapsed()}`);
    const announce = () => say(`  … ${label}`);
    const timer = live ? setInterval(show, 100) : setTimeout(announce, 3_000);
    if (live) show();
    try {
      const result = await work();
      end(`  ✓ ${label}  ${elapsed()}`);
      return result;
    } catch (error) {
      end(`  ✗ ${label}  ${elapsed()}`);
      throw error;
    }

    function end(line) {
      clearInterval(timer);
      if (live) stream.write('\r\x1b[2K');
      say(line);
    }
  }

  function note(text) {
    say(`    ${text}`);
  }

  function say(line = '') {
    if (!quiet) stream.write(`${line}\n`);
  }
}

export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Runs a script's main function; a Refusal becomes one clear line, anything else keeps its stack. Either way exit code 1. */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`\n${error instanceof Refusal ? `✗ ${error.message}` : (error?.stack ?? error)}\n`);
    process.exitCode = 1;
  }
}
