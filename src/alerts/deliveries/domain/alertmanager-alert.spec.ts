import { ALERT_KINDS } from '../../domain/lifecycle.js';
import { alertmanagerAlert, type StandingAlert } from './alertmanager-alert.js';

const standing: StandingAlert = {
  id: 12,
  kind: 'mining_suspected',
  territory: '46700000',
  region: 'RU-MOS',
  score: 0.934,
  firedAt: new Date('2026-03-01T00:00:00Z'),
  resolvedAt: null,
};
const options = { now: new Date('2026-03-02T00:00:00Z'), validSeconds: 3600, publicUrl: null };

it('a firing alert ends unless it is told again', () => {
  expect(alertmanagerAlert(standing, options)).toMatchObject({
    startsAt: '2026-03-01T00:00:00.000Z',
    endsAt: '2026-03-02T01:00:00.000Z',
  });
});

it('a resolved one ended when it did', () => {
  const resolvedAt = new Date('2026-03-01T12:00:00Z');
  expect(alertmanagerAlert({ ...standing, resolvedAt }, options).endsAt).toBe('2026-03-01T12:00:00.000Z');
});

it('keeps its labels while its score moves and when it resolves: they are what tells it from others', () => {
  const { labels } = alertmanagerAlert(standing, options);
  const later = alertmanagerAlert({ ...standing, score: 0.1, resolvedAt: new Date(0) }, options);
  expect(later.labels).toEqual(labels);
  expect(labels).toEqual({
    alertname: 'GridwardenMiningSuspected',
    service: 'gridwarden',
    kind: 'mining_suspected',
    severity: 'warning',
    region: 'RU-MOS',
    territory: '46700000',
    alert: '12',
  });
});

it.each(ALERT_KINDS)('%s has a name, a severity and a summary in both languages', (kind) => {
  const { labels, annotations } = alertmanagerAlert({ ...standing, kind }, options);
  expect(labels.alertname).toMatch(/^Gridwarden[A-Z]\w+$/);
  expect(labels.severity).toMatch(/^(info|warning|critical)$/);
  expect(annotations.summary).toMatch(/^[A-Z][a-z ]/);
  expect(annotations.summary_ru).toMatch(/^[А-Я][а-яё ]/);
});
