export { assetPath, assets } from './assets.ts';
export type { CheckboxState, FieldState, SelectState } from './controls.ts';
export { createPages, errorPage, type Chrome, type Tone } from './pages.ts';
