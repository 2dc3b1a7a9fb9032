import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Metric } from 'prom-client';
import { RULEBOOK } from './rulebook.token.js';
import type { LoadedRulebook } from './rulebook-file.js';

@Injectable()
export class RulebookMetrics {
  readonly rules = new Gauge({
    name: 'gridwarden_rulebook_rules',
    help: 'Rules in the rulebook; only those in force or superseded judge.',
    labelNames: ['kind', 'status'],
    registers: [],
  });

  readonly info = new Gauge({
    name: 'gridwarden_rulebook_info',
    help: 'Always 1; the label names the rulebook that judges.',
    labelNames: ['rulebook', 'version'],
    registers: [],
  });

  readonly all: Metric[] = [this.rules, this.info];

  constructor(@Inject(RULEBOOK) rulebook: LoadedRulebook) {
    for (const { kind, status } of rulebook.document.rules) this.rules.inc({ kind, status });
    this.info.set({ rulebook: rulebook.document.id, version: rulebook.version.slice(0, 12) }, 1);
  }
}
