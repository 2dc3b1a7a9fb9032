import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { detection } from './detection.js';
import { inspection } from './inspection.js';
import { integrity } from './integrity.js';
import { intake } from './intake.js';
import { service } from './service.js';

/** Every dashboard by the name of its file in grafana/dashboards. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  service,
  intake,
  detection,
  integrity,
  inspection,
};
