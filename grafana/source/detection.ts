import { ageOf, dashboard, figure, graph, table } from './panels.js';

const OF = 'region=~"$region"';

export const detection = dashboard({
  uid: 'gridwarden-detection',
  title: 'Detection by territory',
  question: 'Where does load resemble mining, how much of it is there, and is scoring up to date?',
  narrowBy: { label: 'region', metric: 'gridwarden_metering_points' },
  rows: [
    {
      title: 'Suspected load',
      panels: [
        figure({
          title: 'Suspected load',
          says: 'Load that resembles mining, metered and behind transformers. Suspected: an inspector confirms.',
          unit: 'watt',
          lines: [
            {
              expr: `sum by (source) (max by (region, source) (gridwarden_suspected_load_watts{${OF}}))`,
              legend: '{{source}}',
            },
          ],
        }),
        graph({
          title: 'Suspected load by region',
          says: 'Metered and unmetered together.',
          unit: 'watt',
          stacked: true,
          lines: [{ expr: `gridwarden:suspected_load_watts:sum{${OF}}`, legend: '{{region}}' }],
        }),
        table({
          title: 'Unpaid in a month',
          says: 'Unmetered energy at the household price, in roubles, where the rulebook knows the price.',
          unit: 'currencyRUB',
          lines: [
            { expr: `sort_desc(max by (region) (gridwarden_suspected_unpaid_roubles_per_month{${OF}}))` },
          ],
        }),
      ],
    },
    {
      title: 'Suspicions',
      panels: [
        table({
          title: 'Firing alerts by region and kind',
          says: 'What waits for inspectors, most first.',
          unit: 'short',
          lines: [{ expr: `sort_desc(max by (region, kind) (gridwarden_firing_alerts{${OF}}))` }],
        }),
        graph({
          title: 'Firing per thousand households',
          says: 'Firing alerts for a thousand household metering points: a region that jumps may have bad readings.',
          unit: 'short',
          lines: [
            {
              expr: `1000 * sum by (region) (max by (region, kind) (gridwarden_firing_alerts{${OF}})) / on (region) max by (region) (gridwarden_metering_points{kind="household", ${OF}})`,
              legend: '{{region}}',
            },
          ],
        }),
        graph({
          title: 'Transformers by verdict',
          says: 'What the newest balance of each transformer says.',
          unit: 'short',
          stacked: true,
          lines: [{ expr: 'max by (verdict) (gridwarden_transformers_balanced)', legend: '{{verdict}}' }],
        }),
        graph({
          title: 'Hidden load behind transformers',
          says: 'Flat load that no meter accounts for.',
          unit: 'kwatt',
          lines: [
            {
              expr: `max by (region) (gridwarden_transformer_hidden_load_kilowatts{${OF}})`,
              legend: '{{region}}',
            },
          ],
        }),
        graph({
          title: 'Metering points',
          says: 'The registry. A fall means that a file named fewer points.',
          unit: 'short',
          stacked: true,
          lines: [
            {
              expr: `max by (region, kind) (gridwarden_metering_points{${OF}})`,
              legend: '{{region}} {{kind}}',
            },
          ],
        }),
      ],
    },
    {
      title: 'Scoring',
      panels: [
        graph({
          title: 'Runs',
          says: 'Scoring runs in an hour by result. Idle: nothing had changed.',
          unit: 'short',
          lines: [
            { expr: 'sum by (result) (increase(gridwarden_scoring_runs_total[1h]))', legend: '{{result}}' },
          ],
        }),
        graph({
          title: 'Points scored',
          says: 'Metering points scored a second by what they are suspected of.',
          unit: 'cps',
          lines: [
            {
              expr: 'sum by (kind) (rate(gridwarden_scored_points_total[$__rate_interval]))',
              legend: '{{kind}}',
            },
          ],
        }),
        graph({
          title: 'Duration of a run',
          says: 'Mean over an hour.',
          unit: 's',
          lines: [
            {
              expr: 'sum(rate(gridwarden_scoring_seconds_sum[1h])) / (sum(rate(gridwarden_scoring_seconds_count[1h])) > 0) or vector(0)',
            },
          ],
        }),
        graph({
          title: 'Oldest unscored change',
          says: 'How long the longest waiting changed readings have waited to be scored. Six hours is an alert.',
          unit: 's',
          lines: [{ expr: `max(${ageOf('gridwarden_scoring_oldest_mark_timestamp_seconds')})` }],
        }),
        graph({
          title: 'Points to score',
          says: 'Household metering points whose readings changed since they were last scored.',
          unit: 'short',
          lines: [{ expr: 'max(gridwarden_scoring_marked_points)' }],
        }),
      ],
    },
  ],
});
