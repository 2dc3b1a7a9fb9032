-- The role that Grafana reads case tables with: it sees the views in gridwarden_report and nothing else.
-- Run by a role that may make roles, in Gridwarden's database, after its first migration:
--   { echo "\set password $(cat secrets/report_password)"; cat grafana/report-role.sql; } | psql "$DATABASE_URL"
-- (through psql's input, because everybody on a machine sees the arguments of its processes)
create role gridwarden_report login password :'password' connection limit 10;
alter role gridwarden_report set default_transaction_read_only = on;
alter role gridwarden_report set statement_timeout = '30s';
alter role gridwarden_report set search_path = gridwarden_report;
grant usage on schema gridwarden_report to gridwarden_report;
grant select on all tables in schema gridwarden_report to gridwarden_report;
-- Views that later versions add there.
alter default privileges in schema gridwarden_report grant select on tables to gridwarden_report;
