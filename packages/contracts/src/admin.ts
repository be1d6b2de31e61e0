import { z } from 'zod';

/** The scope every token needs at the admin API; the roles say what it may do there. */
export const ADMIN_SCOPE = 'admin';

/** Who may use the admin API: `admin` everything, `support` reading and ending sessions. */
export const ADMIN_ROLES = ['admin', 'support'] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

/** An act is refused (RFC 9470) when the person's last authentication is older. */
export const ADMIN_MAX_AUTH_AGE_SECONDS = 600;

/** The audience of the admin API (RFC 8707), which no application of the family accepts. */
export const ADMIN_RESOURCE = 'urn:portcullis:admin';

/** How strong every sign-in must have been (`acr`): two factors, whatever the application asked for. */
export const ADMIN_ACR_VALUES = ['urn:portcullis:acr:mfa', 'urn:portcullis:acr:phishing-resistant'];

/** What PostgreSQL can hold as text and as JSON: no U+0000, no half of a surrogate pair. */
const isStorable = (value: string): boolean => !value.includes('\0') && value.isWellFormed();

/** What a person wrote: trimmed, not empty, at most `max` UTF-16 units. */
export const writtenText = (max: number) =>
  z.string().trim().min(1).max(max).refine(isStorable, 'holds a character that cannot be stored');

export const AccountId = z.uuid().toLowerCase();
export const ClientId = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'is not the id of a client');
export const SessionId = z.string().regex(/^[\w-]{1,64}$/, 'is not the id of a session');
export const Role = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, 'is not the name of a role');

/** One page of a list. `after` is the `next` of the page before and means nothing to anybody but the API. */
export const PageQuery = z.strictObject({
  after: z
    .string()
    .regex(/^[\w-]{1,2048}$/, 'is not a `next` of this list')
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** The `after` of the next page; null on the last one. */
export const Next = z.string().nullable();

/** pending: the act is recorded for good, but the verifiers have not been told yet; it is repeated until they are. */
export const Publication = z.enum(['published', 'pending']);
export type Publication = z.infer<typeof Publication>;

/** The answer to an act that cuts somebody off and says nothing else. */
export const ActAnswer = z.object({ delivery: Publication }).meta({ id: 'ActAnswer' });

/** Every refusal of the admin API. `error` is for programs and stable, `message` is for people. */
export const AdminProblem = z
  .object({ error: z.string(), message: z.string(), request_id: z.string() })
  .meta({ id: 'Problem' });
export type AdminProblem = z.infer<typeof AdminProblem>;
