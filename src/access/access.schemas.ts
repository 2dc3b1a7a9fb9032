import { z } from 'zod';
import { lineOfText } from '../config/input-values.js';
import { ROLES } from './domain/roles.js';

/** What a person is called on the command line. */
export const Login = z
  .string()
  .regex(/^[a-z][a-z0-9.-]{1,31}$/, 'small letters, digits, dot and dash, 2 to 32, beginning with a letter');

/** Name of a person, as other people read it. */
export const PersonName = lineOfText(120).min(1);

/** Owner of a key: the machine or job that holds it. */
export const KeyOwner = z
  .string()
  .regex(/^[\w.@-]{1,64}$/, 'letters, digits, dot, dash, underscore and @, at most 64');

export const SignIn = z.strictObject({ token: z.string().max(100) });
export const FirstOperator = z.strictObject({
  token: z.string().max(100),
  login: Login,
  name: PersonName,
});

export const SessionView = z.object({
  role: z.enum(ROLES),
  utility: z.string().nullable().meta({ description: 'Whose objects are all this caller sees; null: all.' }),
  person: z
    .object({ id: z.number().int(), login: z.string(), name: z.string() })
    .nullable()
    .meta({ description: 'Null for a key.' }),
  key: z
    .object({ owner: z.string(), expires_at: z.iso.datetime() })
    .nullable()
    .meta({ description: 'Null for a person.' }),
  csrf_token: z
    .string()
    .nullable()
    .meta({ description: 'A person’s requests that write repeat it in the header X-CSRF-Token.' }),
});
export type SessionView = z.output<typeof SessionView>;
