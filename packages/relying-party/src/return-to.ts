/**
 * Where a sign-in may lead back to: a path of this application, or its front page. Anything that some
 * browser, proxy or library might read as another host is not a path.
 */
export function localPath(value: string | undefined): string {
  return value !== undefined && isLocalPath(value) ? value : '/';
}

/** Printable ASCII of a URL; no backslash, no control character, and @ only in the query. */
const shape = /^\/[\w\-.~!$&'()*+,;=:%/]*(\?[\w\-.~!$&'()*+,;=:%/?@]*)?$/;

/** In a path, whatever it was encoded as. NFKC first, because it makes slashes of their look-alikes. */
const misleading = /\/\/|[\\@\p{Cc}]/u;

function isLocalPath(value: string): boolean {
  if (value.length > 2000 || !shape.test(value)) return false;
  let path = value.split('?')[0] ?? '';
  // What is encoded today may be decoded by somebody on the way, perhaps twice.
  for (let round = 0; round < 3; round += 1) {
    if (misleading.test(path.normalize('NFKC'))) return false;
    try {
      const decoded = decodeURIComponent(path);
      if (decoded === path) break;
      path = decoded;
    } catch {
      return false;
    }
  }
  // Dots are resolved before the browser looks: /a/..//host
  return !new URL(value, 'http://localhost').pathname.startsWith('//');
}
