import { ageOf, dashboard, figure, graph, table } from './panels.js';

export const integrity = dashboard({
  uid: 'gridwarden-integrity',
  title: 'Integrity',
  question:
    'By which rules is judged, does everything that must leave leave, and is anything lost on the way?',
  rows: [
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
