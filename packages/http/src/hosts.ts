import type { IncomingMessage } from 'node:http';

const FORWARDED_HEADERS = ['x-forwarded-host', 'x-forwarded-port', 'x-forwarded-server', 'x-host', 'forwarded'];

/**
 * Whether the request names only hosts of ours, in any place a host can be named. Those places are
 * then removed from the request: whatever derives a URL later can find nothing but the one allowed Host.
 */
export function namesOnlyOurHosts(req: IncomingMessage, allowed: ReadonlySet<string>): boolean {
  // Absolute-form and authority-form targets bring a second host; no proxy of ours sends them.
  if (!req.url?.startsWith('/') || req.url.startsWith('//')) return false;
  const hosts = req.headersDistinct['host'] ?? [];
  if (hosts.length !== 1) return false;
  const named = [...hosts, ...forwardedHosts(req)];
  for (const header of FORWARDED_HEADERS) delete req.headers[header];
  return named.every((host) => allowed.has(host.toLowerCase()));
}

function forwardedHosts(req: IncomingMessage): string[] {
  const lists = [...(req.headersDistinct['x-forwarded-host'] ?? []), ...(req.headersDistinct['x-host'] ?? [])];
  const forwarded = (req.headersDistinct['forwarded'] ?? []).join(';');
  return [
    ...lists.flatMap((list) => list.split(',').map((host) => host.trim())),
    ...[...forwarded.matchAll(/\bhost\s*=\s*"?([^";,]*)"?/gi)].map((match) => (match[1] ?? '').trim()),
  ];
}
