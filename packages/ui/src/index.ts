export { addAsset, assetPath, assets } from './assets.ts';
export type { CheckboxState, FieldState, SelectState } from './controls.ts';
export { createErrorPage, createPages, errorPage, type Brand, type Chrome, type Toast, type Tone } from './pages.ts';
export { defineMessages, locales, type Locale, type Messages } from './messages.ts';
export { createWords, valuesNeeded, type MessageKey, type Values, type Words } from './words.ts';
