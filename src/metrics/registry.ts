import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Metric } from 'prom-client';

/** What a module's metrics class offers: its metrics, made with `registers: []`. */
export interface MetricsSource {
  readonly all: readonly Metric[];
}

/** Gauges that prom-client names like counters; `promtool check metrics` refuses them. */
const MISNAMED_DEFAULTS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** One registry with every module's metrics, the process's own and the build. Throws when two share a name. */
export function gatherRegistry(sources: readonly MetricsSource[], version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED_DEFAULTS) registry.removeSingleMetric(name);
  new Gauge({
    name: 'gridwarden_build_info',
    help: 'Always 1; its labels say what runs.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1);
  for (const metric of sources.flatMap((source) => source.all)) registry.registerMetric(metric);
  return registry;
}
