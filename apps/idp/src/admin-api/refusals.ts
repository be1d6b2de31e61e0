import { AppError, type ErrorKind } from '@portcullis/http';

/** Everything an act or a look-up may be refused for, beside who asks and how the request is written. */
export const refusals = {
  not_found: ['missing', 'There is no such thing, or not any more.'],
  unknown_client: ['invalid', 'One of the applications does not exist.'],
  invalid_cursor: ['invalid', '`after` is not the `next` of a page of this list.'],
  cannot_ban_self: ['conflict', 'Nobody can ban themselves.'],
  cannot_change_self: ['conflict', 'Nobody can do this to their own account.'],
  last_admin: ['conflict', 'This is the last administrator: make another one first.'],
  actor_cut_off: ['forbidden', 'You are not an administrator any more.'],
  until_is_past: ['conflict', 'The ban would be over before it begins: `until` is past.'],
  not_banned: ['conflict', 'No ban of this account is in force.'],
  not_disabled: ['conflict', 'It is not disabled.'],
  name_taken: ['conflict', 'There is one of that name already.'],
  in_future: ['conflict', '`before` is in the future.'],
} as const satisfies Record<string, readonly [ErrorKind, string]>;
export type RefusalCode = keyof typeof refusals;

export function refusal(code: RefusalCode): AppError {
  const [kind, message] = refusals[code];
  return new AppError(kind, code, message);
}
