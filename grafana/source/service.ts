import { dashboard, figure, graph } from './panels.js';

/** RED for what is asked of the service, USE for what it stands on. */
export const service = dashboard({
  uid: 'gridwarden-service',
  title: 'Service',
  question: 'Does the service answer, fast and without errors, and what is it short of?',
  rows: [
    {
      title: 'Requests',
      panels: [
        graph({
          title: 'Requests',
          says: 'Requests a second by status. 5xx are ours; 499 are clients that went away.',
          unit: 'reqps',
          stacked: true,
          lines: [
            {
              expr: 'sum by (status) (rate(gridwarden_http_requests_total[$__rate_interval]))',
              legend: '{{status}}',
            },
          ],
        }),
        graph({
          title: 'Errors',
          says: 'Share of requests that ended in 5xx, over five minutes. Above 5 % somebody is paged.',
          unit: 'percentunit',
          lines: [{ expr: 'gridwarden:http_errors:ratio_rate5m' }],
        }),
        graph({
          title: 'Duration',
          says: 'Median and 99th percentile of requests other than uploads, which last as long as the file.',
          unit: 's',
          lines: [
            { expr: 'gridwarden:http_duration_seconds:p50_5m', legend: 'median' },
            { expr: 'gridwarden:http_duration_seconds:p99_5m', legend: '99 %' },
          ],
        }),
        graph({
          title: 'Requests by area',
          says: 'Requests a second by what they are about: the first part of the path.',
          unit: 'reqps',
          stacked: true,
          lines: [
            {
              expr: 'sum by (area) (rate(gridwarden_http_requests_total[$__rate_interval]))',
              legend: '{{area}}',
            },
          ],
        }),
        graph({
          title: 'Errors by area',
          says: 'Requests a second that ended in an error of ours (5xx), by what they were about.',
          unit: 'reqps',
          lines: [
            {
              expr: 'sum by (area) (rate(gridwarden_http_requests_total{status=~"5.."}[$__rate_interval])) or sum by (area) (rate(gridwarden_http_requests_total[$__rate_interval])) * 0',
              legend: '{{area}}',
            },
          ],
        }),
        graph({
          title: 'Duration by area',
          says: '99th percentile of requests that were answered within five minutes, by what they were about.',
          unit: 's',
          lines: [
            {
              expr: 'histogram_quantile(0.99, sum by (le, area, method) (rate(gridwarden_http_request_duration_seconds_bucket[5m]))) > 0',
              legend: '{{area}} {{method}}',
            },
          ],
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        figure({
          title: 'Instances and leaders',
          says: 'One of the instances leads and does what is done once.',
          unit: 'short',
          lines: [
            { expr: 'sum(up{job="gridwarden"})', legend: 'instances' },
            { expr: 'sum(gridwarden_leader)', legend: 'leaders' },
          ],
        }),
        graph({
          title: 'Processor and event loop',
          says: 'Cores in use, and how long the event loop keeps everybody waiting (99th percentile).',
          unit: 'short',
          lines: [
            {
              expr: 'rate(process_cpu_seconds_total{job="gridwarden"}[$__rate_interval])',
              legend: 'cores {{instance}}',
            },
            { expr: 'nodejs_eventloop_lag_p99_seconds{job="gridwarden"}', legend: 'lag in s {{instance}}' },
          ],
        }),
        graph({
          title: 'Memory',
          says: 'Resident memory of each instance, its threads included.',
          unit: 'bytes',
          lines: [{ expr: 'process_resident_memory_bytes{job="gridwarden"}', legend: '{{instance}}' }],
        }),
      ],
    },
    {
      title: 'Database',
      panels: [
        graph({
          title: 'Connections of the server',
          says: 'What all connections do, under the most that the server takes.',
          unit: 'short',
          lines: [
            { expr: 'max by (state) (gridwarden_database_server_connections)', legend: '{{state}}' },
            { expr: 'max(gridwarden_database_server_connections_max)', legend: 'most' },
          ],
        }),
        graph({
          title: 'Connections of the pools',
          says: 'Callers that wait for a connection mean that the pool is too small or a query too long.',
          unit: 'short',
          lines: [{ expr: 'sum by (state) (gridwarden_database_pool_connections)', legend: '{{state}}' }],
        }),
        graph({
          title: 'Transactions',
          says: 'Transactions a second by how they ended.',
          unit: 'ops',
          lines: [
            {
              expr: 'max by (result) (rate(gridwarden_database_transactions_total[$__rate_interval]))',
              legend: '{{result}}',
            },
          ],
        }),
        graph({
          title: 'Found in memory',
          says: 'Share of blocks that the server had in its cache. Falls when the database outgrows memory.',
          unit: 'percentunit',
          lines: [
            {
              expr: 'max(rate(gridwarden_database_blocks_total{source="cache"}[$__rate_interval])) / sum(max by (source) (rate(gridwarden_database_blocks_total[$__rate_interval])))',
            },
          ],
        }),
        graph({
          title: 'Deadlocks',
          says: 'Deadlocks that the server broke, in an hour. There should be none.',
          unit: 'short',
          lines: [{ expr: 'max(increase(gridwarden_database_deadlocks_total[1h]))' }],
        }),
        graph({
          title: 'Size',
          says: 'What the database takes on disk.',
          unit: 'bytes',
          lines: [{ expr: 'max(gridwarden_database_size_bytes)' }],
        }),
      ],
    },
    {
      title: 'Work that waits',
      panels: [
        graph({
          title: 'Uploads',
          says: 'Uploads that wait and those being loaded.',
          unit: 'short',
          lines: [{ expr: 'max by (status) (gridwarden_open_uploads)', legend: '{{status}}' }],
        }),
        graph({
          title: 'Points to score',
          says: 'Household metering points whose readings changed since they were last scored.',
          unit: 'short',
          lines: [{ expr: 'max(gridwarden_scoring_marked_points)' }],
        }),
        graph({
          title: 'Webhook messages',
          says: 'Messages that wait for an attempt, and those given up.',
          unit: 'short',
          lines: [{ expr: 'max by (state) (gridwarden_webhook_deliveries)', legend: '{{state}}' }],
        }),
      ],
    },
  ],
});
