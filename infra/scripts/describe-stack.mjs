/** What a test outside needs to know of a stack, as plain data. */
export function describeStack({ urls, processes, databases, redisUrl, idpEnv, logs }) {
  return {
    urls,
    processes: processes.map(({ name, pid, port }) => ({ name, pid, port })),
    databases,
    redisUrl,
    idpEnv,
    logs,
  };
}
