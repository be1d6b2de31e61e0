export { addAsset, assetPath, assets } from './assets.ts';
export type { CheckboxState, FieldState, SelectState } from './controls.ts';
export type { IconName } from './icons.ts';
export { textFaults } from './text-faults.ts';
export { createErrorPage, createPages, errorPage, type Brand, type Chrome, type Toast, type Tone } from './pages.ts';
export { locales, type Locale } from '@portcullis/http';
export { defineMessages, type Messages } from './messages.ts';
export { inWordsOf, type ProblemTexts } from './problems.ts';
export { createWords, type MessageKey, type Values, type Words } from './words.ts';
