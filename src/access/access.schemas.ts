import { z } from 'zod';
import { lineOfText, UtilityCode } from '../config/input-values.js';
import { PERSON_ROLES, ROLES, SCOPES } from '../rights/domain/roles.js';

/** What a person is called where they sign in; an e-mail address will do. */
export const Login = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._@-]{1,63}$/,
    'small letters, digits, dot, dash, underscore and @, 2 to 64, beginning with a letter or digit',
  );

/** Name of a person, as other people read it. */
export const PersonName = lineOfText(120).min(1);

/** Whom a person acts for, as others write it too: two spellings are two organisations. */
export const Organisation = lineOfText(100).trim().max(100);

/** Owner of a key: the machine or job that holds it. */
export const KeyOwner = z
  .string()
  .regex(/^[\w.@-]{1,64}$/, 'letters, digits, dot, dash, underscore and @, at most 64');

/** Of a key, as lists show it. */
export const KeyPrefix = z
  .string()
  .regex(/^[0-9A-Za-z]{9}$/, 'the 9 letters and digits between gw_ and the next _');

/** Days a key may be good for: two years, since whoever made it may have left by then. */
export const KEY_DAYS_MOST = 730;
/** Of a key that nobody thought about; two live ones make the change painless. */
export const KEY_DAYS_USUAL = 365;

/** Any text: how good it is, the rules for new ones say. */
const Password = z.string().min(1).max(1000);
const Token = z.string().max(100);

export const SignIn = z.union([
  z.strictObject({ token: Token }).describe('A one-time token.'),
  z.strictObject({ login: z.string().max(64), password: Password }).describe('A local account.'),
]);
export const FirstOperator = z.strictObject({
  token: Token,
  login: Login,
  name: PersonName,
  password: Password,
});
export type FirstOperator = z.output<typeof FirstOperator>;
export const PasswordOnly = z.strictObject({ password: Password });

export const NewPerson = z.strictObject({
  login: Login,
  name: PersonName,
  role: z.enum(PERSON_ROLES),
  utility: UtilityCode.optional().describe('With role utility, and only then: whose objects they see.'),
  organisation: Organisation.optional().describe('Whom they act for.'),
});
export const PersonOrganisation = z.strictObject({ organisation: Organisation });

export const NewKey = z.strictObject({
  owner: KeyOwner,
  role: z.enum(ROLES),
  scopes: z.array(z.enum(SCOPES)).min(1).max(2).default(['read', 'write']),
  utility: UtilityCode.optional().describe('With role utility, and only then: whose objects it sees.'),
  days: z.number().int().min(1).max(KEY_DAYS_MOST).default(KEY_DAYS_USUAL),
});

const Instant = z.iso.datetime();

export const SignInWays = z.object({
  password: z.literal(true),
  oidc: z
    .object({ start: z.string() })
    .nullable()
    .meta({ description: 'Where signing in at the identity provider begins; null: there is none.' }),
});
export type SignInWays = z.output<typeof SignInWays>;

export const SessionView = z.object({
  role: z.enum(ROLES),
  utility: z.string().nullable().meta({ description: 'Whose objects are all this caller sees; null: all.' }),
  person: z
    .object({
      id: z.number().int(),
      login: z.string(),
      name: z.string(),
      method: z.enum(['link', 'password', 'oidc']).meta({ description: 'How this session began.' }),
      fresh_until: Instant.meta({ description: 'Until then what asks for a fresh sign-in may be done.' }),
    })
    .nullable()
    .meta({ description: 'Null for a key.' }),
  key: z
    .object({ owner: z.string(), scopes: z.array(z.enum(SCOPES)), expires_at: Instant })
    .nullable()
    .meta({ description: 'Null for a person.' }),
  csrf_token: z
    .string()
    .nullable()
    .meta({ description: 'A person’s requests that write repeat it in the header X-CSRF-Token.' }),
});
export type SessionView = z.output<typeof SessionView>;

export const PersonView = z.object({
  id: z.number().int(),
  login: z.string(),
  name: z.string(),
  role: z.enum(PERSON_ROLES),
  utility: z.string().nullable(),
  organisation: z.string().meta({ description: 'Whom they act for; empty: nobody said.' }),
  created_at: Instant,
  blocked_at: Instant.nullable(),
  has_password: z.boolean(),
  has_oidc: z.boolean(),
});
export type PersonView = z.output<typeof PersonView>;
export const PeopleList = z.object({ items: z.array(PersonView) });

export const SignInLink = z.object({
  login: z.string(),
  path: z.string().meta({ description: 'Put behind the address of the service: works once.' }),
  expires_at: Instant,
});
export type SignInLink = z.output<typeof SignInLink>;

export const KeyView = z.object({
  prefix: z.string(),
  owner: z.string(),
  role: z.enum(ROLES),
  scopes: z.array(z.enum(SCOPES)),
  utility: z.string().nullable(),
  state: z.enum(['live', 'expired', 'revoked']),
  created_at: Instant,
  created_by: z.string(),
  expires_at: Instant,
  last_used_at: Instant.nullable(),
});
export type KeyView = z.output<typeof KeyView>;
export const KeyList = z.object({ items: z.array(KeyView) });
export const MadeKey = z.object({
  key: z.string().meta({ description: 'Shown this once: only its hash is kept.' }),
  owner: z.string(),
  expires_at: Instant,
});
export type MadeKey = z.output<typeof MadeKey>;
