import { webhookBody } from './outgoing-event.js';

const event = {
  messageId: '0a1b2c3d-0000-4000-8000-00000000000f',
  alertId: 7,
  kind: 'mining_suspected',
  state: 'firing',
  at: new Date('2026-03-01T10:00:00.123Z'),
} as const;

it('has the attributes CloudEvents 1.0 demands, in its types, and those of Standard Webhooks', () => {
  expect(JSON.parse(webhookBody(event, 'https://gridwarden.example'))).toEqual({
    specversion: '1.0',
    id: 'msg_0a1b2c3d00004000800000000000000f',
    source: 'https://gridwarden.example',
    type: 'gridwarden.alert.firing',
    subject: 'alerts/7',
    time: '2026-03-01T10:00:00.123Z',
    timestamp: '2026-03-01T10:00:00.123Z',
    datacontenttype: 'application/json',
    data: {
      alert: 7,
      kind: 'mining_suspected',
      state: 'firing',
      url: 'https://gridwarden.example/api/v1/alerts/7',
    },
  });
});

it('without an address of ours, the source is a name and the link a path', () => {
  expect(JSON.parse(webhookBody(event, null))).toMatchObject({
    source: 'urn:gridwarden',
    data: { url: '/api/v1/alerts/7' },
  });
});
