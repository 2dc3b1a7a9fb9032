import { ageOf, dashboard, figure, graph, table } from './panels.js';

export const integrity = dashboard({
  uid: 'gridwarden-integrity',
  title: 'Integrity',
  question:
    'Is the record signed and watched, does a second person look, by which rules is judged, and does everything that must leave leave?',
  rows: [
    {
      title: 'The record',
      panels: [
        graph({
          title: 'Age of the newest checkpoint',
          says: 'Since the audit log was last signed, or found signed. Ten minutes are usual; what is newer than a checkpoint can be rewritten unseen.',
          unit: 's',
          lines: [{ expr: `min(${ageOf('gridwarden_audit_checkpoint_timestamp_seconds')})` }],
        }),
        graph({
          title: 'Age of each witness’s word',
          says: 'Since a witness outside last told that it has cosigned the log. Without witnesses the whole log can be rewritten.',
          unit: 's',
          lines: [
            {
              expr: 'max by (witness) (time() - gridwarden_audit_witness_timestamp_seconds)',
              legend: '{{witness}}',
            },
          ],
        }),
        graph({
          title: 'Entries, and those that are signed',
          says: 'Entries of the audit log, and how many of them the newest checkpoint covers.',
          unit: 'short',
          lines: [
            { expr: 'max(gridwarden_audit_entries)', legend: 'entries' },
            { expr: 'max(gridwarden_audit_signed_entries)', legend: 'signed' },
          ],
        }),
        graph({
          title: 'Checkpoints that failed',
          says: 'Times in an hour that the log was not signed, or a checkpoint not handed out.',
          unit: 'short',
          lines: [{ expr: 'sum(increase(gridwarden_audit_checkpoint_failures_total[1h]))' }],
        }),
      ],
    },
    {
      title: 'Two people, and chance',
      panels: [
        graph({
          title: 'Waiting for a second person',
          says: 'Cases at their second look, and proposed changes.',
          unit: 'short',
          lines: [{ expr: 'max by (what) (gridwarden_second_opinions_waiting)', legend: '{{what}}' }],
        }),
        graph({
          title: 'The oldest that waits',
          says: 'How long the oldest second look or proposal has waited. Proposals end after their time.',
          unit: 's',
          lines: [
            {
              expr: `max by (what) (${ageOf('gridwarden_oldest_waiting_second_opinion_timestamp_seconds')})`,
              legend: '{{what}}',
            },
          ],
        }),
        figure({
          title: 'Agreement of blind looks',
          says: 'Share of blind second looks over the last year that came to the same as the first.',
          unit: 'percentunit',
          lines: [{ expr: 'max(gridwarden_blind_agreement_ratio)' }],
        }),
        table({
          title: 'Inspectors that stand out',
          says: 'How many, by measure, beyond what chance explains. A remark is a question to ask; the quality page says of whom.',
          unit: 'short',
          lines: [{ expr: 'max by (measure) (gridwarden_inspection_remarks)' }],
        }),
      ],
    },
    {
      title: 'Rules',
      panels: [
        table({
          title: 'The rulebook that judges',
          says: 'Name and version of the rulebook on each instance. Two versions mean a rollout that is not finished.',
          unit: 'short',
          lines: [{ expr: 'count by (rulebook, version) (gridwarden_rulebook_info)' }],
        }),
        table({
          title: 'Rules by kind and status',
          says: 'Only those in force judge.',
          unit: 'short',
          lines: [{ expr: 'max by (kind, status) (gridwarden_rulebook_rules)' }],
        }),
        figure({
          title: 'Versions that run',
          says: 'Versions of the service among the instances.',
          unit: 'short',
          lines: [{ expr: 'count by (version) (gridwarden_build_info)', legend: '{{version}}' }],
        }),
      ],
    },
    {
      title: 'Alerts out',
      panels: [
        graph({
          title: 'Webhook attempts',
          says: 'Attempts in an hour by how they ended; docs/alerts-out.md explains the codes.',
          unit: 'short',
          lines: [
            {
              expr: 'sum by (result) (increase(gridwarden_webhook_attempts_total[1h]))',
              legend: '{{result}}',
            },
          ],
        }),
        graph({
          title: 'Webhook messages',
          says: 'Waiting, and given up after three days: those need a replay.',
          unit: 'short',
          lines: [{ expr: 'max by (state) (gridwarden_webhook_deliveries)', legend: '{{state}}' }],
        }),
        graph({
          title: 'Oldest waiting message',
          says: 'How long the oldest webhook message that still waits has waited.',
          unit: 's',
          lines: [{ expr: `max(${ageOf('gridwarden_webhook_oldest_waiting_timestamp_seconds')})` }],
        }),
        graph({
          title: 'Posts to Alertmanagers',
          says: 'Rounds in an hour by how they ended.',
          unit: 'short',
          lines: [
            {
              expr: 'sum by (result) (increase(gridwarden_alertmanager_posts_total[1h]))',
              legend: '{{result}}',
            },
          ],
        }),
        graph({
          title: 'Scheduled exports',
          says: 'Exports of a day by how they ended.',
          unit: 'short',
          lines: [
            {
              expr: 'sum by (result) (increase(gridwarden_scheduled_exports_total[1d]))',
              legend: '{{result}}',
            },
          ],
        }),
        graph({
          title: 'Digests by mail',
          says: 'Mails of a day by how they ended.',
          unit: 'short',
          lines: [
            { expr: 'sum by (result) (increase(gridwarden_digest_mails_total[1d]))', legend: '{{result}}' },
          ],
        }),
      ],
    },
  ],
});
