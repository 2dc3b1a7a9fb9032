import { ageOf, dashboard, figure, graph, table } from './panels.js';

const OF = 'utility=~"$utility"';

export const intake = dashboard({
  uid: 'gridwarden-intake',
  title: 'Intake by utility',
  question: 'Do all utilities send their readings, in time and without errors?',
  narrowBy: { label: 'utility', metric: 'gridwarden_intake_recent_values' },
  rows: [
    {
      title: 'Who sends',
      panels: [
        table({
          title: 'Since the last readings',
          says: 'How long ago readings of each utility were last loaded. Two days without any is an alert.',
          unit: 's',
          lines: [
            {
              expr: `sort_desc(time() - max by (utility) (gridwarden_intake_last_success_timestamp_seconds{${OF}}))`,
            },
          ],
        }),
        graph({
          title: 'Values of a day',
          says: 'Values of the uploads of the last 24 hours by utility.',
          unit: 'short',
          stacked: true,
          lines: [
            {
              expr: `sum by (utility) (max by (utility, result) (gridwarden_intake_recent_values{${OF}}))`,
              legend: '{{utility}}',
            },
          ],
        }),
        graph({
          title: 'Rejected',
          says: 'Share of the values of the last 24 hours that were rejected. The receipt of each upload says why.',
          unit: 'percentunit',
          lines: [{ expr: `gridwarden:intake_rejected:ratio{${OF}}`, legend: '{{utility}}' }],
        }),
      ],
    },
    {
      title: 'How late',
      panels: [
        graph({
          title: 'How late readings are',
          says: 'Share of a sample of household points by how long ago their newest readings end.',
          unit: 'percentunit',
          stacked: true,
          lines: [
            { expr: `avg by (behind) (gridwarden_intake_lateness_ratio{${OF}})`, legend: 'up to {{behind}}' },
          ],
        }),
        table({
          title: 'Late by more than a week',
          says: 'Share of the sampled points whose newest readings end more than a week ago, or that have none.',
          unit: 'percentunit',
          lines: [
            {
              expr: `sort_desc(sum by (utility) (max by (utility, behind) (gridwarden_intake_lateness_ratio{${OF}, behind=~"30d|more|never"})))`,
            },
          ],
        }),
        figure({
          title: 'Held values',
          says: 'Values of the last 24 hours for metering points that no registry names yet.',
          unit: 'short',
          lines: [{ expr: `sum(max by (utility) (gridwarden_intake_recent_values{${OF}, result="held"}))` }],
        }),
      ],
    },
    {
      title: 'Loading',
      panels: [
        graph({
          title: 'Uploads',
          says: 'Uploads that came to their end in an hour, by how.',
          unit: 'short',
          lines: [{ expr: 'sum by (status) (increase(gridwarden_uploads_total[1h]))', legend: '{{status}}' }],
        }),
        graph({
          title: 'Values loaded',
          says: 'Values a second by what became of them.',
          unit: 'cps',
          lines: [
            {
              expr: 'sum by (result) (rate(gridwarden_upload_values_total[$__rate_interval]))',
              legend: '{{result}}',
            },
          ],
        }),
        graph({
          title: 'Received',
          says: 'Bytes received over HTTP a second, by what the files hold.',
          unit: 'Bps',
          lines: [
            {
              expr: 'sum by (kind) (rate(gridwarden_upload_received_bytes_total[$__rate_interval]))',
              legend: '{{kind}}',
            },
          ],
        }),
        graph({
          title: 'Oldest waiting upload',
          says: 'How long the oldest upload that is not loaded yet has waited.',
          unit: 's',
          lines: [{ expr: `max(${ageOf('gridwarden_oldest_open_upload_timestamp_seconds')})` }],
        }),
        graph({
          title: 'Errors of the loading threads',
          says: 'Errors in an hour; an upload in hand is taken up again or marked failed.',
          unit: 'short',
          lines: [{ expr: 'sum(increase(gridwarden_upload_loader_errors_total[1h]))' }],
        }),
      ],
    },
  ],
});
