import { dashboard, figure, graph, rows, table } from './panels.js';

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
    {
      title: 'Cases',
      panels: [
        rows({
          title: 'Cases that wait longest',
          says: 'Open cases, by how many days they stand as they do. A month in one state is a case that nobody owns.',
          unit: 'short',
          sql: `select id as "case", region, kind, state, round(score::numeric, 2) as score,
  floor(extract(epoch from now() - state_at) / 86400) as "days"
from gridwarden_report.case_file
where state not in ('confirmed', 'dismissed')
order by state_at, id limit 20`,
        }),
        rows({
          title: 'Decisions of the last year',
          says: 'Sealed and not undone, by month: how many loads were confirmed, how many had another cause.',
          unit: 'short',
          sql: `select to_char(date_trunc('month', made_at), 'YYYY-MM') as month,
  count(*) filter (where verdict = 'confirm') as confirmed, count(*) filter (where verdict = 'dismiss') as dismissed
from gridwarden_report.case_decision
where sealed_at is not null and made_at > now() - interval '1 year'
group by 1 order by 1 desc`,
        }),
        rows({
          title: 'Open cases by region',
          says: 'How many stand, how many of them have an inspector, and the mean days in their state.',
          unit: 'short',
          sql: `select region, count(*) as open, count(*) filter (where is_dealt) as dealt,
  round(avg(extract(epoch from now() - state_at) / 86400)::numeric, 1) as "mean days"
from gridwarden_report.case_file
where state not in ('confirmed', 'dismissed')
group by 1 order by 2 desc`,
        }),
      ],
    },
  ],
});
