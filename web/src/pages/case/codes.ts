/** Reasons to decide by, in the order of their keys 1 to 9; test/web/answers.spec.ts holds them against the service's. */
export const REASONS = {
  confirm: ['load_unexplained', 'mining_found', 'mining_admitted', 'unmetered_load', 'other'],
  dismiss: [
    'electric_heating',
    'vehicle_charging',
    'household_business',
    'several_households',
    'wrong_readings',
    'registered_miner',
    'nothing_found',
    'other',
  ],
} as const;
export type Verdict = keyof typeof REASONS;
export type ReasonCode = (typeof REASONS)[Verdict][number];

/** From this likelihood on a dismissal takes a second person. */
export const SECOND_LOOK_SCORE = 0.8;

export const FINDINGS = [
  'mining_equipment',
  'traces_of_equipment',
  'unmetered_connection',
  'meter_tampered',
  'electric_heating',
  'electric_vehicle',
  'greenhouse',
  'workshop',
  'pump_or_well',
  'several_households',
  'wrong_meter',
  'nothing_unusual',
  'no_access',
] as const;
export type FindingCode = (typeof FINDINGS)[number];
