import { argon2id, hash, verify } from 'argon2';
import { normalPassword } from './domain/password-rules.js';

/** OWASP's least for Argon2id (19 MiB, two passes): about 30 ms here, and four at once take 76 MiB. */
const COST = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Argon2id with its salt and cost, as `person_password` keeps it. */
export function hashPassword(password: string): Promise<string> {
  return hash(normalPassword(password), COST);
}

/** Null, of somebody unknown or without a password, takes as long and is never right. */
export async function isPassword(argon2idHash: string | null, password: string): Promise<boolean> {
  const isRight = await verify(argon2idHash ?? (await nobodysHash()), normalPassword(password));
  return isRight && argon2idHash !== null;
}

let nobodys: Promise<string> | undefined;

function nobodysHash(): Promise<string> {
  nobodys ??= hashPassword('nobody has this one');
  return nobodys;
}
