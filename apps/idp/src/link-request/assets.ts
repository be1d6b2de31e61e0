import { addAsset } from '@portcullis/ui';

/** What the browser loads for these pages; before the first one is rendered. */
export function addLinkRequestAssets(): void {
  addAsset('resend.js', new URL('./resend.js', import.meta.url));
}
