import { addAsset } from '@portcullis/ui';

/** What the browser loads for the console's pages; before the first one is rendered. */
export function addAccountAssets(): void {
  addAsset('picture.js', new URL('./picture.js', import.meta.url));
}
