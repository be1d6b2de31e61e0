import { addAsset } from '@portcullis/ui';

/** Before this time has passed a letter is not sent once more, and the button for it says so. */
export const resendAfterMs = 60_000;
export const resendPartial = { resend: new URL('./resend.hbs', import.meta.url) };

/** What the browser loads for these pages; before the first one is rendered. */
export function addLinkRequestAssets(): void {
  addAsset('resend.js', new URL('./resend.js', import.meta.url));
}
