import type { AlertKind, AlertState } from '../../domain/lifecycle.js';

/** A change of an alert, as the outbox knows it. All of it is immutable, so that every attempt sends the same bytes. */
export interface AlertChangeEvent {
  readonly messageId: string;
  readonly alertId: number;
  readonly kind: AlertKind;
  readonly state: AlertState;
  readonly at: Date;
}

/** What the service is called in messages when nobody told it where people reach it. */
const NO_ADDRESS = 'urn:gridwarden';

/**
 * The body of a webhook: CloudEvents 1.0 in structured mode, with the `type`, `timestamp` and `data` of Standard
 * Webhooks. Thin: it says that something changed and where to read it. Whoever reads it there needs a key, and the
 * reading is logged; nothing about a household travels.
 */
export function webhookBody(event: AlertChangeEvent, publicUrl: string | null): string {
  const time = event.at.toISOString();
  return JSON.stringify({
    specversion: '1.0',
    id: messageIdOf(event),
    source: publicUrl ?? NO_ADDRESS,
    type: `gridwarden.alert.${event.state}`,
    subject: `alerts/${event.alertId}`,
    time,
    timestamp: time,
    datacontenttype: 'application/json',
    data: {
      alert: event.alertId,
      kind: event.kind,
      state: event.state,
      url: `${publicUrl ?? ''}/api/v1/alerts/${event.alertId}`,
    },
  });
}

/** CloudEvents' `id` and the header `webhook-id`: one value, whatever the attempt. */
export function messageIdOf({ messageId }: Pick<AlertChangeEvent, 'messageId'>): string {
  return `msg_${messageId.replaceAll('-', '')}`;
}
