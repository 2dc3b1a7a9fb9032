import { InvalidArgumentError } from 'commander';
import type { Client } from 'pg';
import type { z } from 'zod';
import { UsageError } from '../config/errors.js';
import type { Database } from '../database/open-database.js';
import { isTenant, type Role } from './domain/roles.js';

/** How the commands came by what they make: there is no telling who sits at the terminal. */
export const COMMAND_LINE = 'command line';

const DAY_MS = 86_400_000;

/** The id of the utility with this code, made when there is none: the registry's, which this module may not import. */
export type EnsureUtility = (client: Client, code: string) => Promise<number>;

/** An option's parser out of a schema whose message says what is allowed. */
export function parsedBy<Output>(schema: z.ZodType<Output>): (text: string) => Output {
  return (text) => {
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`${parsed.error.issues[0].message}.`);
  };
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`it must be a whole number from ${least} to ${most}.`);
  };
}

/** @throws UsageError when a role that needs a utility has none, or one that sees all has one */
export function checkTenant(role: Role, utility: string | undefined): void {
  if (isTenant(role) && utility === undefined)
    throw new UsageError('The role utility needs --utility CODE: whose objects may it see?');
  if (!isTenant(role) && utility !== undefined)
    throw new UsageError(`--utility goes with the role utility only; ${role} is bound to none.`);
}

/** Null without a utility. */
export async function utilityIdOf(
  database: Database,
  ensureUtility: EnsureUtility,
  code: string | undefined,
): Promise<number | null> {
  if (code === undefined) return null;
  const client = await database.connect();
  try {
    return await ensureUtility(client, code);
  } finally {
    await client.end();
  }
}

export function daysAfter(now: Date, days: number): Date {
  return new Date(now.getTime() + days * DAY_MS);
}

/** Rows under a header, columns as wide as they need to be. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
