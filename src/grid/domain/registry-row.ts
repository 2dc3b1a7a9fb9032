import type { Territory } from './territories.js';

/** One metering point of a household as a registry file states it; null = left blank, or no such column. */
export interface RegistryRow {
  /** 1-based line of the file on which the row begins. */
  readonly line: number;
  /** The utility's stable id of the place. Unique within the rows given to one import. */
  readonly meteringPoint: string;
  readonly household: string | null;
  readonly territory: Territory;
  readonly transformer: string | null;
  /** Of the transformer; null without one. */
  readonly feeder: string | null;
  readonly tariffCategory: string | null;
  readonly electricHeating: boolean | null;
  readonly contractedKw: number | null;
  readonly declaredLoadKw: number | null;
  readonly declaredPurpose: string | null;
  /** Absent: the file has no columns for it, and what is known stays. */
  readonly identity?: HouseholdIdentityRow;
}

/** Whose household it is. Never beside a load: it goes into a table of its own. */
export interface HouseholdIdentityRow {
  readonly consumerName: string | null;
  readonly address: string | null;
}
