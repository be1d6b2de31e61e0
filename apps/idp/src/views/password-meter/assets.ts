import { addAsset } from '@portcullis/ui';

/** `{{> new-password field name="…" label="…" least=15 known=person.email}}`: a field for a password to be set, judged while it is typed. */
export const newPasswordPartial = { 'new-password': new URL('./new-password.hbs', import.meta.url) };

export function addPasswordMeterAssets(): void {
  addAsset('password-meter.js', new URL('./password-meter.js', import.meta.url));
  addAsset('zxcvbn.js', bundleOf('@zxcvbn-ts/core'));
  addAsset('zxcvbn-words.js', bundleOf('@zxcvbn-ts/language-common'));
}

/** The build for browsers, which lies beside the one for Node. */
function bundleOf(name: string): URL {
  return new URL('./zxcvbn-ts.js', import.meta.resolve(name));
}
