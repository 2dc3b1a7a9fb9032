import { SeededRandom } from './seeded-random.js';

export interface DealingSettings {
  /** Open cases an inspector may hold at once, where nothing else is set for them. */
  readonly queueLimit: number;
  /** Cases of one transformer, and of one territory, that an inspector may be dealt within {@link placeDays}. */
  readonly perTransformer: number;
  readonly perTerritory: number;
  readonly placeDays: number;
  /** Cases dealt at once. */
  readonly mostAtOnce: number;
}

/**
 * Two looks at one transformer in a quarter make nobody its landlord; 60 cases of one territory a quarter are a working
 * day's queue in three, so that a single town still gets worked through.
 */
export const DEALING_SETTINGS: DealingSettings = Object.freeze({
  queueLimit: 40,
  perTransformer: 2,
  perTerritory: 60,
  placeDays: 90,
  mostAtOnce: 1000,
});

export interface DealtCase {
  readonly id: number;
  readonly territory: string;
  /** Null: the registry does not say. */
  readonly transformerId: number | null;
  /** Who dismissed it, if it was reopened: somebody else should look, where there is somebody. */
  readonly formerInspectorId: number | null;
  /** Who must not have it at all. */
  readonly barred?: readonly number[];
}

export interface Inspector {
  readonly personId: number;
  /** Where they live: they are dealt no neighbours. Null: not stated. */
  readonly homeTerritory: string | null;
  readonly queueLimit: number | null;
  /** Open cases they hold. */
  readonly holds: number;
  /** Cases dealt to them in the window, by `territory:` code and `transformer:` id. */
  readonly places: Readonly<Record<string, number>>;
}

export interface Deal {
  readonly caseId: number;
  readonly inspectorId: number;
}

/** Why nobody can be dealt a case. */
export type Undealable = 'no_inspector' | 'queues_full' | 'same_place_too_often';

export interface DealingResult {
  readonly deals: readonly Deal[];
  readonly undealt: readonly { readonly caseId: number; readonly why: Undealable }[];
}

/**
 * Deals the cases, in the order given, each to one of the inspectors who may have it, all equally likely. The same seed,
 * cases and inspectors give the same deals, so that a logged seed proves that nobody chose.
 */
export function deal(
  cases: readonly DealtCase[],
  inspectors: readonly Inspector[],
  seed: string,
  settings: DealingSettings = DEALING_SETTINGS,
): DealingResult {
  const random = new SeededRandom(seed);
  // By id: the order in which a database answers must not matter.
  const hands = [...inspectors]
    .sort((a, b) => a.personId - b.personId)
    .map((each) => new Hand(each, settings));
  const deals: Deal[] = [];
  const undealt: { caseId: number; why: Undealable }[] = [];
  for (const each of cases) {
    const eligible = preferFreshEyes(
      each,
      hands.filter((hand) => hand.refusal(each) === null),
    );
    if (eligible.length === 0) {
      undealt.push({ caseId: each.id, why: whyNobody(each, hands) });
      continue;
    }
    const hand = eligible[random.below(eligible.length)];
    hand.take(each);
    deals.push({ caseId: each.id, inspectorId: hand.personId });
  }
  return { deals, undealt };
}

function preferFreshEyes({ formerInspectorId }: DealtCase, eligible: readonly Hand[]): readonly Hand[] {
  const others = eligible.filter(({ personId }) => personId !== formerInspectorId);
  return others.length > 0 ? others : eligible;
}

/** The refusal that is nearest to being lifted. */
function whyNobody(each: DealtCase, hands: readonly Hand[]): Undealable {
  const refusals = new Set(hands.map((hand) => hand.refusal(each)));
  if (refusals.has('same_place_too_often')) return 'same_place_too_often';
  return refusals.has('queues_full') ? 'queues_full' : 'no_inspector';
}

/** An inspector with what they were dealt meanwhile. */
class Hand {
  readonly personId: number;
  private holds: number;
  private readonly limit: number;
  private readonly places: Map<string, number>;

  constructor(
    private readonly inspector: Inspector,
    private readonly settings: DealingSettings,
  ) {
    this.personId = inspector.personId;
    this.holds = inspector.holds;
    this.limit = inspector.queueLimit ?? settings.queueLimit;
    this.places = new Map(Object.entries(inspector.places));
  }

  refusal({ territory, transformerId, barred }: DealtCase): Undealable | null {
    if (barred?.includes(this.personId)) return 'no_inspector';
    if (this.inspector.homeTerritory === territory) return 'no_inspector';
    if (this.holds >= this.limit) return 'queues_full';
    const tooOften =
      this.count(territoryKey(territory)) >= this.settings.perTerritory ||
      (transformerId !== null && this.count(transformerKey(transformerId)) >= this.settings.perTransformer);
    return tooOften ? 'same_place_too_often' : null;
  }

  take({ territory, transformerId }: DealtCase): void {
    this.holds++;
    this.places.set(territoryKey(territory), this.count(territoryKey(territory)) + 1);
    if (transformerId === null) return;
    this.places.set(transformerKey(transformerId), this.count(transformerKey(transformerId)) + 1);
  }

  private count(place: string): number {
    return this.places.get(place) ?? 0;
  }
}

export function territoryKey(code: string): string {
  return `territory:${code}`;
}

export function transformerKey(id: number): string {
  return `transformer:${id}`;
}
