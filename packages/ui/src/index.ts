export { assetPath, assets } from './assets.ts';
export type { CheckboxState, FieldState, SelectState } from './controls.ts';
export { createPages, errorPage, type Chrome, type Tone } from './pages.ts';
export { defineMessages, locales, type Locale, type Messages } from './messages.ts';
export { createWords, type MessageKey, type Values, type Words } from './words.ts';
