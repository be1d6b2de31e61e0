import { hash } from 'node:crypto';

/** What a store keeps instead of a handle: whoever reads the store cannot use what is in it. */
export function hashArtifactId(id: string): string {
  return hash('sha256', id, 'base64url');
}
