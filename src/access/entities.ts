import { ApiKey } from './api-key.entity.js';
import { PersonIdentity } from './person-identity.entity.js';
import { PersonOidc } from './person-oidc.entity.js';
import { PersonPassword } from './person-password.entity.js';
import { Person } from './person.entity.js';
import { Session } from './session.entity.js';
import { SignInToken } from './sign-in-token.entity.js';

/** This module's tables, for the data source. */
export const accessEntities = [
  Person,
  PersonIdentity,
  PersonPassword,
  PersonOidc,
  ApiKey,
  Session,
  SignInToken,
];
