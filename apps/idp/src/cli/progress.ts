const everyMs = 5000;

/** A line on standard error that says how far long work has come: rewritten in place on a terminal, every few seconds elsewhere. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr) {
  let said = performance.now();
  return { show, end };

  function show(line: string): void {
    if (stream.isTTY) {
      stream.write(`\r\x1b[2K${line}`);
    } else if (performance.now() - said >= everyMs) {
      said = performance.now();
      stream.write(`${line}\n`);
    }
  }

  /** Leaves an empty line for what is said next. */
  function end(): void {
    if (stream.isTTY) stream.write('\r\x1b[2K');
  }
}
