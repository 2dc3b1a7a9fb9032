import { hash, verify } from '@node-rs/argon2';
import { normalPassword } from './domain/password-rules.js';

/** OWASP's least for Argon2id (19 MiB, two passes): 15 to 30 ms of another thread here, and four at once take 76 MiB. */
// 2 is Argon2id: the package's enumeration is const, which a compiler of single files can't read.
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

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
