import { dashboard, figure, graph, table } from './panels.js';

const OF = 'region=~"$region"';

export const inspection = dashboard({
  uid: 'gridwarden-inspection',
  title: 'Inspection',
  question: 'How many suspicions stand, come and go, and where do inspectors have most to do?',
  narrowBy: { label: 'region', metric: 'gridwarden_metering_points' },
  rows: [
    {
      title: 'Suspicions',
      panels: [
        figure({
          title: 'Alerts by state',
          says: 'Pending: held for less than a week. Firing: needs somebody. Resolved: no longer supported.',
          unit: 'short',
          lines: [{ expr: 'sum by (state) (max by (kind, state) (gridwarden_alerts))', legend: '{{state}}' }],
        }),
        graph({
          title: 'Firing by kind',
          says: 'What waits for inspectors.',
          unit: 'short',
          stacked: true,
          lines: [{ expr: 'max by (kind) (gridwarden_alerts{state="firing"})', legend: '{{kind}}' }],
        }),
        graph({
          title: 'Opened, fired, resolved',
          says: 'Alerts that changed in a day, by the state they went to. Many that fire at once: look at the readings first.',
          unit: 'short',
          lines: [
            {
              expr: 'sum by (state) (increase(gridwarden_alert_transitions_total[1d]))',
              legend: '{{state}}',
            },
          ],
        }),
      ],
    },
    {
      title: 'Where',
      panels: [
        table({
          title: 'Firing by region',
          says: 'Most first.',
          unit: 'short',
          lines: [
            { expr: `sort_desc(sum by (region) (max by (region, kind) (gridwarden_firing_alerts{${OF}})))` },
          ],
        }),
        graph({
          title: 'Firing by region over time',
          says: 'A region that only grows has too few inspectors, or too few decisions.',
          unit: 'short',
          stacked: true,
          lines: [
            {
              expr: `sum by (region) (max by (region, kind) (gridwarden_firing_alerts{${OF}}))`,
              legend: '{{region}}',
            },
          ],
        }),
        table({
          title: 'Limits exceeded by region',
          says: 'Alerts of a limit exceeded by measurement: a fact of the meter, the cause of which is open.',
          unit: 'short',
          lines: [
            {
              expr: `sort_desc(max by (region) (gridwarden_firing_alerts{kind="quota_exceeded", ${OF}}))`,
            },
          ],
        }),
      ],
    },
  ],
});
