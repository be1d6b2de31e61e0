import { escapeHtml, safeHtml, type Helpers } from '@portcullis/http';
import { assetPath } from './assets.ts';
import { icon } from './icons.ts';

/** What a form remembers of one field between two renderings. */
export type FieldState = { value: string; error: string | null };
export type SelectState = FieldState & { options: { value: string; label: string; selected: boolean }[] };
export type CheckboxState = { checked: boolean };

const ATTRIBUTES = [
  'type',
  'autocomplete',
  'inputmode',
  'minlength',
  'maxlength',
  'min',
  'max',
  'step',
  'pattern',
  'placeholder',
  'rows',
];
const FLAGS = ['required', 'autofocus', 'readonly', 'disabled', 'multiple'];

const ALERTS: Record<string, { icon: string; role: string }> = {
  danger: { icon: 'circle-alert', role: 'alert' },
  warning: { icon: 'triangle-alert', role: 'alert' },
  success: { icon: 'circle-check', role: 'status' },
  info: { icon: 'info', role: 'status' },
};

export const helpers: Helpers = {
  asset: (file) => assetPath(String(file)),
  svg: (name) => safeHtml(icon(String(name))),
  alertIcon: (tone) => alert(tone).icon,
  alertRole: (tone) => alert(tone).role,
  breakable: (email) => safeHtml(breakable(String(email))),
  controlId: (field) => idOf(asField(field)),
  control: (field) => safeHtml(attributesOf(asField(field))),
};

/** An email address that on a narrow page breaks before its `@` or after any dot but the last, and not in the middle of a word. */
function breakable(email: string): string {
  return escapeHtml(email)
    .replaceAll('@', '<wbr>@')
    .replaceAll(/\.(?=.*\.)/g, '.<wbr>');
}

function alert(tone: unknown): { icon: string; role: string } {
  const known = ALERTS[String(tone)];
  if (!known) throw new Error(`there is no alert tone ${String(tone)}`);
  return known;
}

type Field = Record<string, unknown>;

/** A field partial without the field's state would show another field's, or nothing: that is a mistake in the page. */
function asField(field: unknown): Field {
  if (typeof field !== 'object' || field === null || !('name' in field) || !('value' in field || 'checked' in field)) {
    throw new Error(
      'a form partial needs a name and its state: {{> field email name="email" …}} with email: { value, error }',
    );
  }
  return { ...field };
}

function idOf(field: Field): string {
  return String(field['id'] ?? field['name']);
}

function attributesOf(field: Field): string {
  const id = idOf(field);
  const described = [field['hint'] && `${id}-hint`, field['error'] && `${id}-error`].filter(Boolean).join(' ');
  const pairs: [string, unknown][] = [
    ['id', id],
    ['name', field['name']],
    ...ATTRIBUTES.map((name): [string, unknown] => [name, field[name]]),
    ['aria-invalid', field['error'] ? 'true' : undefined],
    ['aria-describedby', described || undefined],
  ];
  return [
    ...pairs
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => `${name}="${escapeHtml(String(value))}"`),
    ...FLAGS.filter((flag) => field[flag] === true),
  ].join(' ');
}
