import type { Sentence } from '../i18n/use-texts.js';

/*
 * What the service answers of cases, as far as the pages show it. test/web/answers.spec.ts holds these types against the
 * service's own, by the compiler.
 */

export const CASE_STATES = [
  'new',
  'dealt',
  'first_look',
  'needs_visit',
  'second_look',
  'confirmed',
  'dismissed',
  'reopened',
] as const;
export type CaseState = (typeof CASE_STATES)[number];
export const CLOSED_STATES: readonly CaseState[] = ['confirmed', 'dismissed'];
export const OPEN_STATES = CASE_STATES.filter((state) => !CLOSED_STATES.includes(state));

export const CASE_KINDS = [
  'mining_suspected',
  'quota_exceeded',
  'quota_forecast',
  'hidden_load',
  'random_audit',
] as const;
export type CaseKind = (typeof CASE_KINDS)[number];

/** A case as a queue shows it. */
export interface CaseLine {
  readonly id: number;
  readonly version: number;
  readonly state: CaseState;
  readonly state_name: Sentence;
  readonly kind: CaseKind;
  readonly firing_kinds: readonly CaseKind[];
  readonly score: number;
  readonly month_kwh: number | null;
  readonly since: string | null;
  readonly utility: string;
  readonly metering_point: string;
  readonly household: string | null;
  readonly territory: { readonly code: string; readonly name: Sentence };
  readonly inspector: { readonly id: number; readonly name: string } | null;
  readonly tags: readonly string[];
  readonly opened_at: string;
  readonly why: readonly Sentence[];
}

export interface Reason {
  readonly detector: string;
  readonly kind: string;
  readonly log_odds: number;
  readonly sentence: Sentence;
}

export interface CaseMonth {
  readonly month: string;
  readonly limit_kwh: number;
  readonly metered_kwh: number;
  readonly unit_kwh: number;
  readonly flat_kwh: number;
  readonly coverage_ratio: number;
  readonly exceeded: boolean;
  readonly bands: readonly {
    readonly from_kwh: number;
    readonly to_kwh: number | null;
    readonly kwh: number;
    readonly rub_per_kwh: number | null;
  }[];
}

export interface RuleView {
  readonly id: string;
  readonly acts: readonly {
    readonly title: string;
    readonly number?: string | null;
    readonly date?: string | null;
  }[];
}

export interface TransformerContext {
  readonly id: number;
  readonly code: string;
  readonly feeder: string | null;
  readonly verdict: string | null;
  readonly hidden_kw: number | null;
  readonly hidden_lower_kw: number | null;
  readonly hidden_upper_kw: number | null;
  readonly since: string | null;
  readonly points: number;
  readonly rank: number | null;
  readonly cases: readonly {
    readonly id: number;
    readonly state: string;
    readonly score: number;
    readonly metering_point: string;
  }[];
}

export interface HistoryStep {
  readonly version: number;
  readonly step: string;
  readonly sentence: Sentence;
  readonly at: string;
  readonly actor: string;
  readonly actor_name: string | null;
}

export interface Visit {
  readonly id: number;
  readonly booked_for: string;
  readonly done_at: string | null;
  readonly findings: readonly { readonly finding: string; readonly sentence: Sentence }[];
  readonly explanation: string | null;
  readonly photographs: readonly {
    readonly sha256: string;
    readonly media_type: string;
    readonly bytes: number;
  }[];
}

/** Everything that the page of a case shows, in one answer. */
export interface CaseDetails extends CaseLine {
  readonly notice: Sentence;
  readonly as_of: string;
  readonly point: {
    readonly id: number;
    readonly kind: 'household' | 'transformer';
    readonly tariff_category: string | null;
    readonly electric_heating: boolean | null;
    readonly contracted_kw: number | null;
    readonly declared_load_kw: number | null;
    readonly declared_purpose: string | null;
    readonly zone: string;
  };
  readonly rule: {
    readonly ban: {
      readonly status: string;
      readonly since: string | null;
      readonly why: Sentence;
      readonly rule: RuleView | null;
    };
    readonly quota: {
      readonly limit_kwh: number;
      readonly counted_per: string;
      readonly rule: RuleView | null;
    } | null;
  };
  readonly log_odds: number;
  readonly alert_score: number | null;
  readonly reasons: readonly Reason[];
  readonly months: readonly CaseMonth[];
  readonly transformer_context: TransformerContext | null;
  readonly history: readonly HistoryStep[];
  readonly decision: {
    readonly id: number;
    readonly verdict: string;
    readonly reason: string;
    readonly words: string;
    readonly made_by: number;
    readonly seals_at: string;
  } | null;
  readonly decisions: readonly {
    readonly id: number;
    readonly verdict: string;
    readonly words: string;
    readonly made_at: string;
    readonly sentence: Sentence;
  }[];
  readonly visits: readonly Visit[];
  readonly comments: readonly {
    readonly id: number;
    readonly at: string;
    readonly name: string | null;
    readonly words: string;
  }[];
  readonly links: readonly { readonly id: number; readonly state: string; readonly words: string }[];
}

export interface Packed {
  readonly type: 'float32' | 'uint8';
  readonly base64: string;
}

/** The load over days, with what it is held against; series are packed. */
export interface CaseCurve {
  readonly from: string;
  readonly to: string;
  readonly offset_minutes: number;
  readonly zone: string;
  readonly minutes: number;
  readonly kwh: Packed;
  readonly quality: Packed;
  readonly neighbours: {
    readonly points: number;
    readonly minutes: number;
    readonly p10_kwh: Packed;
    readonly p90_kwh: Packed;
  };
  readonly temperature: { readonly minutes: number; readonly celsius: Packed } | null;
  readonly quota: readonly {
    readonly month: string;
    readonly limit_kwh: number;
    readonly kwh_per_slot: number;
  }[];
  readonly onset: { readonly since: string; readonly from: string; readonly to: string } | null;
}
