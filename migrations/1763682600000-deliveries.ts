import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How alerts leave: exports with who, why and what; subscriptions to changes of alerts, the outbox of what each is still
 * owed, and every attempt to deliver it.
 */
export class Deliveries1763682600000 implements MigrationInterface {
  name = 'Deliveries1763682600000';

  async up(runner: QueryRunner): Promise<void> {
    // Alertmanagers are told of what has just resolved: a handful among the years of it.
    await runner.query(`create index alert_resolved_idx on alert (resolved_at) where state = 'resolved'`);
    await runner.query(`
      create table alert_export (
        id integer generated always as identity,
        actor text not null,
        reason text not null,
        -- download, file or schedule: where the bytes went.
        destination text not null,
        format text not null,
        filter jsonb not null,
        started_at timestamptz not null,
        -- Null: it was broken off; what had left by then was part of what the filter names.
        finished_at timestamptz,
        alerts integer,
        bytes bigint,
        sha256 text,
        constraint alert_export_pkey primary key (id),
        constraint alert_export_destination_check check (destination in ('download', 'file', 'schedule')),
        constraint alert_export_format_check check (format in ('csv', 'ndjson', 'xlsx')),
        constraint alert_export_whole_check check (
          (finished_at is null) = (alerts is null) and (alerts is null) = (bytes is null)
          and (bytes is null) = (sha256 is null))
      )`);
    await runner.query(`
      create table alert_subscription (
        id integer generated always as identity,
        channel text not null,
        name text not null,
        -- A webhook's URL, a digest's address.
        target text not null,
        language text not null default 'ru',
        -- Null: any.
        territory_code text,
        kinds text[],
        states text[],
        created_at timestamptz not null,
        created_by text not null,
        removed_at timestamptz,
        -- The receiver said 410: it is owed nothing until somebody adds it again.
        gone_at timestamptz,
        constraint alert_subscription_pkey primary key (id),
        constraint alert_subscription_channel_check check (channel in ('webhook', 'mail')),
        constraint alert_subscription_language_check check (language in ('ru', 'en'))
      )`);
    await runner.query(
      `create unique index alert_subscription_name_key on alert_subscription (channel, name) where removed_at is null`,
    );
    await runner.query(`
      create table webhook_secret (
        id integer generated always as identity,
        subscription_id integer not null,
        secret text not null,
        created_at timestamptz not null,
        -- Null: the current one. One that is rotated out signs beside it until then.
        expires_at timestamptz,
        constraint webhook_secret_pkey primary key (id),
        constraint webhook_secret_subscription_fkey foreign key (subscription_id) references alert_subscription (id)
      )`);
    await runner.query(`create index webhook_secret_subscription_idx on webhook_secret (subscription_id)`);
    await runner.query(`
      create table alert_delivery (
        id bigint generated always as identity,
        subscription_id integer not null,
        event_id integer not null,
        -- What the receiver tells repeats by: the same in every attempt and every replay.
        message_id uuid not null default gen_random_uuid(),
        state text not null default 'waiting',
        -- Since it was made or last replayed; also tells a claim from an earlier one of the same row.
        attempts smallint not null default 0,
        next_attempt_at timestamptz not null,
        made_at timestamptz not null,
        ended_at timestamptz,
        constraint alert_delivery_pkey primary key (id),
        constraint alert_delivery_state_check check (state in ('waiting', 'delivered', 'dead')),
        constraint alert_delivery_subscription_fkey foreign key (subscription_id) references alert_subscription (id),
        constraint alert_delivery_event_fkey foreign key (event_id) references alert_event (id),
        constraint alert_delivery_once_key unique (event_id, subscription_id)
      )`);
    await runner.query(
      `create index alert_delivery_due_idx on alert_delivery (subscription_id, next_attempt_at) where state = 'waiting'`,
    );
    await runner.query(
      `create index alert_delivery_dead_idx on alert_delivery (subscription_id) where state = 'dead'`,
    );
    await runner.query(`
      create table delivery_attempt (
        id bigint generated always as identity,
        delivery_id bigint not null,
        attempt smallint not null,
        at timestamptz not null,
        duration_ms integer not null,
        result text not null,
        http_status smallint,
        constraint delivery_attempt_pkey primary key (id),
        constraint delivery_attempt_delivery_fkey foreign key (delivery_id) references alert_delivery (id)
      )`);
    await runner.query(`create index delivery_attempt_delivery_idx on delivery_attempt (delivery_id)`);
    await runner.query(`
      create table digest_mail (
        id bigint generated always as identity,
        subscription_id integer not null,
        at timestamptz not null,
        alerts integer not null,
        message_id text not null,
        result text not null,
        constraint digest_mail_pkey primary key (id),
        constraint digest_mail_subscription_fkey foreign key (subscription_id) references alert_subscription (id)
      )`);
    await runner.query(`create index digest_mail_subscription_idx on digest_mail (subscription_id, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index alert_resolved_idx`);
    await runner.query(
      `drop table digest_mail, delivery_attempt, alert_delivery, webhook_secret, alert_subscription, alert_export`,
    );
  }
}
