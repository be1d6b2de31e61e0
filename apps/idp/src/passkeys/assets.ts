import { addAsset } from '@portcullis/ui';

const here = (file: string): URL => new URL(file, import.meta.url);

/** For `createPages({ partials })`; views.ts says what each shows. */
export const passkeyPartials = {
  'passkey-list': here('passkey-list.hbs'),
  'passkey-problems': here('passkey-problems.hbs'),
  'passkey-registration': here('passkey-registration.hbs'),
  'passkey-scripts': here('passkey-scripts.hbs'),
  'passkey-second-factor': here('passkey-second-factor.hbs'),
  'passkey-sign-in': here('passkey-sign-in.hbs'),
};

/** What the browser loads for them; before the first page is rendered. */
export function addPasskeyAssets(): void {
  addAsset('passkeys.js', here('passkeys.js'));
  addAsset('webauthn.js', new URL('../dist/bundle/index.umd.min.js', import.meta.resolve('@simplewebauthn/browser')));
}
