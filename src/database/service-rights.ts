import type pg from 'pg';
import { RefusedError } from '../config/errors.js';

/** The trigger function that makes a table append-only; whatever carries it may only be added to. */
const APPEND_ONLY = `select tgrelid from pg_trigger join pg_proc on pg_proc.oid = tgfoid
  where proname = 'audit_refuse_change' and not tgisinternal`;

/**
 * Lets `role` do what the service does, and no more: it reads and writes rows, adds to what is append-only, and owns
 * nothing. Run by the role that owns the tables, after each migration.
 */
export async function grantServiceRights(owner: pg.Client, role: string): Promise<void> {
  const { rows } = await owner.query<{ statement: string }>(
    `select format('grant usage on schema %I to %I', current_schema(), $1::text) as statement
     union all
     select format('revoke all on %s from %I', c.oid::regclass, $1::text) from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
       and c.oid in (${APPEND_ONLY})
     union all
     select format('grant %s on %s to %I',
       case when c.relname = 'migrations' then 'select'
            when c.oid in (${APPEND_ONLY}) then 'select, insert'
            when c.relname like '%staging' then 'select, insert, update, delete, truncate'
            else 'select, insert, update, delete' end, c.oid::regclass, $1::text)
     from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
     union all
     select format('grant usage, select on all sequences in schema %I to %I', current_schema(), $1::text)
     union all
     select format('grant execute on all functions in schema %I to %I', current_schema(), $1::text)`,
    [role],
  );
  for (const { statement } of rows) await owner.query(statement);
}

/**
 * For a service whose tables belong to another role: it must not be able to change what is append-only, nor to give itself
 * the right to.
 * @throws RefusedError one sentence that names the right it has too many.
 */
export async function refuseExcessRights(service: pg.Client): Promise<void> {
  const { rows } = await service.query<{ role: string; complaint: string | null }>(
    `select current_user as role, case
       when r.rolsuper then 'is a superuser'
       when r.rolcreaterole then 'may make roles'
       when r.rolreplication then 'may replicate'
       when o.member is not null then 'belongs to ' || o.member || ', who owns ' || o.name
       when p.name is not null then 'may change or remove rows of ' || p.name
       end as complaint
     from pg_roles r
     left join lateral (
       select c.oid::regclass::text as name, pg_get_userbyid(c.relowner) as member from pg_class c
       where c.oid in (${APPEND_ONLY}) and pg_has_role(r.oid, c.relowner, 'member') limit 1) o on true
     left join lateral (
       select c.oid::regclass::text as name from pg_class c
       where c.oid in (${APPEND_ONLY})
         and has_table_privilege(r.oid, c.oid, 'update, delete, truncate, trigger') limit 1) p on true
     where r.rolname = current_user`,
  );
  const { role, complaint } = rows[0];
  if (complaint !== null)
    throw new RefusedError(
      `The service's role ${role} ${complaint}: with GRIDWARDEN_MIGRATION_URL set it may have no such right, ` +
        'or what it records could be changed; give DATABASE_URL a role of its own without it.',
    );
}
