import type { AlertKind } from '../../domain/lifecycle.js';

/** What Alertmanager is told of an alert. */
export interface StandingAlert {
  readonly id: number;
  readonly kind: AlertKind;
  readonly territory: string;
  /** The territory's region; itself where it is one. */
  readonly region: string;
  readonly score: number;
  readonly firedAt: Date;
  /** Null: it fires. */
  readonly resolvedAt: Date | null;
}

/** As `POST /api/v2/alerts` takes it. */
export interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** Must not follow the score: a label that changes makes another alert, and leaves the old one to time out. */
const SEVERITY: Readonly<Record<AlertKind, 'info' | 'warning' | 'critical'>> = {
  quota_forecast: 'info',
  quota_exceeded: 'warning',
  mining_suspected: 'warning',
  hidden_load: 'critical',
};

const NAME: Readonly<Record<AlertKind, string>> = {
  quota_forecast: 'GridwardenQuotaForecast',
  quota_exceeded: 'GridwardenQuotaExceeded',
  mining_suspected: 'GridwardenMiningSuspected',
  hidden_load: 'GridwardenHiddenLoad',
};

const SUMMARY: Readonly<Record<AlertKind, { readonly ru: string; readonly en: string }>> = {
  quota_forecast: {
    ru: 'Ожидается превышение лимита потребления',
    en: 'The consumption limit is expected to be exceeded',
  },
  quota_exceeded: {
    ru: 'Лимит потребления превышен по показаниям счётчика',
    en: 'The consumption limit is exceeded by measurement',
  },
  mining_suspected: { ru: 'Нагрузка похожа на майнинг', en: 'The load resembles mining' },
  hidden_load: {
    ru: 'Неучтённая ровная нагрузка за трансформатором',
    en: 'Unmetered flat load behind a transformer',
  },
};

/**
 * Labels tell one alert from another and never change while it stands: no score, no meter, no household. Annotations say
 * what a dispatcher reads. `validSeconds` is how long Alertmanager keeps what is not refreshed.
 */
export function alertmanagerAlert(
  alert: StandingAlert,
  { now, validSeconds, publicUrl }: { now: Date; validSeconds: number; publicUrl: string | null },
): AlertmanagerAlert {
  const url = publicUrl === null ? {} : { generatorURL: `${publicUrl}/api/v1/alerts/${alert.id}` };
  const ends = alert.resolvedAt ?? new Date(now.getTime() + validSeconds * 1000);
  return {
    labels: {
      alertname: NAME[alert.kind],
      service: 'gridwarden',
      kind: alert.kind,
      severity: SEVERITY[alert.kind],
      region: alert.region,
      territory: alert.territory,
      alert: String(alert.id),
    },
    annotations: {
      summary: SUMMARY[alert.kind].en,
      summary_ru: SUMMARY[alert.kind].ru,
      probability: alert.score.toFixed(2),
      notice: 'A suspicion and not a conclusion: an inspector establishes the cause.',
    },
    startsAt: alert.firedAt.toISOString(),
    endsAt: ends.toISOString(),
    ...url,
  };
}
