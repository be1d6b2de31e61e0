import type { FieldState } from '@portcullis/ui';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import type { ListedPasskey } from './list.ts';

/** For `{{> passkey-sign-in passkey csrf=csrf}}` and `{{> passkey-second-factor passkey csrf=csrf carry="name of a checkbox"}}`. */
export type PasskeyFormView = { action: string; options: string };

/** For `{{> passkey-registration passkey csrf=csrf}}`. */
export type PasskeyRegistrationView = PasskeyFormView & { name: FieldState };

/** For `{{> passkey-list passkeys csrf=csrf}}`: each row is renamed and removed at addresses of its own. */
export type PasskeyListView = {
  passkeys: (Omit<ListedPasskey, 'name'> & {
    name: FieldState;
    title: string;
    renameAction: string;
    removeAction: string;
  })[];
};

/** `action`: where the form posts `response`, and `remember` or what it carries. */
export function passkeyForm(action: string, options: PublicKeyCredentialRequestOptionsJSON): PasskeyFormView {
  return { action, options: JSON.stringify(options) };
}

/** `action`: where the form posts `response` and `name`, which may be empty. */
export function passkeyRegistrationForm(
  action: string,
  options: PublicKeyCredentialCreationOptionsJSON,
): PasskeyRegistrationView {
  return { action, options: JSON.stringify(options), name: { value: '', error: null } };
}

/** Rows post to `<base>/<id>/rename` (with `name`) and `<base>/<id>/remove`. */
export function passkeyList(base: string, passkeys: ListedPasskey[]): PasskeyListView {
  return {
    passkeys: passkeys.map(({ name, ...passkey }) => ({
      ...passkey,
      title: name,
      name: { value: name, error: null },
      renameAction: `${base}/${passkey.id}/rename`,
      removeAction: `${base}/${passkey.id}/remove`,
    })),
  };
}
