import type Provider from 'oidc-provider';
import { Provider as ProviderClass } from 'oidc-provider';
import type { RefreshHandles } from './refresh-handles.ts';

/** Has the library name refresh tokens by their family: the first of one, or the successor of the one being rotated. */
export function nameRefreshTokens(provider: Provider, handles: RefreshHandles): void {
  Object.assign(provider.RefreshToken.prototype, {
    generateTokenId(): string {
      const rotated = ProviderClass.ctx?.oidc.entities.RotatedRefreshToken;
      return rotated ? handles.next(rotated.jti) : handles.first();
    },
  });
}
