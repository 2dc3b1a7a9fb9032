import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, type Metric } from 'prom-client';
import type { Receipt } from './receipt.js';
import { UPLOAD_KINDS } from './upload.entity.js';

const RESULTS = ['accepted', 'blank', 'rejected', 'held'] as const;

/** Intake: what was received, what became of its rows, how long loading took. */
@Injectable()
export class UploadsMetrics {
  readonly uploads = new Counter({
    name: 'gridwarden_uploads_total',
    help: 'Uploads that came to their end, by kind and status (loaded, refused, failed).',
    labelNames: ['kind', 'status'],
    registers: [],
  });
  readonly values = new Counter({
    name: 'gridwarden_upload_values_total',
    help: 'Values of uploads by kind and result (accepted, blank, rejected, held).',
    labelNames: ['kind', 'result'],
    registers: [],
  });
  readonly bytes = new Counter({
    name: 'gridwarden_upload_received_bytes_total',
    help: 'Bytes received over HTTP, as sent.',
    labelNames: ['kind'],
    registers: [],
  });
  readonly duration = new Histogram({
    name: 'gridwarden_upload_loading_seconds',
    help: 'Time from the start of loading an upload to its end.',
    labelNames: ['kind'],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600],
    registers: [],
  });
  readonly lastSuccess = new Gauge({
    name: 'gridwarden_upload_last_success_timestamp_seconds',
    help: 'When an upload of the kind was last loaded.',
    labelNames: ['kind'],
    registers: [],
  });
  readonly loaderErrors = new Counter({
    name: 'gridwarden_upload_loader_errors_total',
    help: 'Errors of the loading thread; an upload in hand is taken up again or marked failed.',
    registers: [],
  });
  readonly mqttMessages = new Counter({
    name: 'gridwarden_mqtt_messages_total',
    help: 'Messages of the broker by result: stored, unreadable (kept as rejects), failed (will come again).',
    labelNames: ['result'],
    registers: [],
  });
  readonly mqttConnected = new Gauge({
    name: 'gridwarden_mqtt_connected',
    help: '1 while there is a connection to the broker; 0 also where none is set.',
    registers: [],
  });
  readonly all: Metric[] = [
    this.uploads,
    this.values,
    this.bytes,
    this.duration,
    this.lastSuccess,
    this.loaderErrors,
    this.mqttMessages,
    this.mqttConnected,
  ];

  constructor() {
    for (const result of ['stored', 'unreadable', 'failed']) this.mqttMessages.inc({ result }, 0);
    for (const kind of UPLOAD_KINDS) {
      for (const status of ['loaded', 'refused', 'failed']) this.uploads.inc({ kind, status }, 0);
      for (const result of RESULTS) this.values.inc({ kind, result }, 0);
      this.bytes.inc({ kind }, 0);
    }
  }

  observeEnd(receipt: Receipt): void {
    const { kind, counts } = receipt;
    this.uploads.inc({ kind, status: receipt.status });
    for (const result of RESULTS) {
      this.values.inc({ kind, result }, counts[result]);
    }
    if (receipt.started_at === null || receipt.finished_at === null) return;
    const finishedMs = Date.parse(receipt.finished_at);
    this.duration.observe({ kind }, (finishedMs - Date.parse(receipt.started_at)) / 1000);
    if (receipt.status === 'loaded') this.lastSuccess.set({ kind }, finishedMs / 1000);
  }
}
