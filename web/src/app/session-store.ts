import { createStore } from './store.js';

export type Role = 'utility' | 'inspector' | 'supervisor' | 'auditor' | 'operator' | 'metrics';

/** Who is signed in, as GET /api/v1/session says it. */
export interface Session {
  readonly role: Role;
  readonly utility: string | null;
  readonly person: {
    readonly id: number;
    readonly login: string;
    readonly name: string;
    readonly method: 'link' | 'password' | 'oidc';
    readonly fresh_until: string;
  } | null;
  readonly csrf_token: string | null;
}

/** Null: nobody; undefined: not asked yet. */
export const session = createStore<Session | null | undefined>(undefined);
