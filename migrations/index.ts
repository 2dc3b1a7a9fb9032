import { Grid1763596800000 } from './1763596800000-grid.js';
import { Uploads1763596800001 } from './1763596800001-uploads.js';
import { Readings1763596800002 } from './1763596800002-readings.js';
import { Detection1763596800003 } from './1763596800003-detection.js';
import { Alerts1763596800004 } from './1763596800004-alerts.js';
import { Balance1763682000000 } from './1763682000000-balance.js';
import { Learning1763682100000 } from './1763682100000-learning.js';
import { RegistersAndEvents1763682200000 } from './1763682200000-registers-and-events.js';
import { Audit1763682300000 } from './1763682300000-audit.js';
import { Access1763682400000 } from './1763682400000-access.js';
import { HouseholdIdentity1763682410000 } from './1763682410000-household-identity.js';
import { Cases1763682500000 } from './1763682500000-cases.js';
import { Deliveries1763682600000 } from './1763682600000-deliveries.js';
import { Formats1763682610000 } from './1763682610000-formats.js';
import { Report1763682700000 } from './1763682700000-report.js';
import { Integrity1763769700000 } from './1763769700000-integrity.js';
import { RowSeals1763769800000 } from './1763769800000-row-seals.js';
import { MonthFloors1763769900000 } from './1763769900000-month-floors.js';
import { MonthKeys1763856000000 } from './1763856000000-month-keys.js';
import { BalanceDigest1763942400000 } from './1763942400000-balance-digest.js';
import { KeptJudgements1763942500000 } from './1763942500000-kept-judgements.js';
import { LocalFile1763942600000 } from './1763942600000-local-file.js';
import { Approvals1763769600000 } from './1763769600000-approvals.js';
import { Validation1763683000000 } from './1763683000000-validation.js';

/** Every migration in the order it is applied; named, not globbed, so that jest and dist run the same list. */
export const migrations = [
  Grid1763596800000,
  Uploads1763596800001,
  Readings1763596800002,
  Detection1763596800003,
  Alerts1763596800004,
  Balance1763682000000,
  Learning1763682100000,
  RegistersAndEvents1763682200000,
  Audit1763682300000,
  Access1763682400000,
  HouseholdIdentity1763682410000,
  Cases1763682500000,
  Deliveries1763682600000,
  Formats1763682610000,
  Report1763682700000,
  Validation1763683000000,
  Approvals1763769600000,
  Integrity1763769700000,
  RowSeals1763769800000,
  MonthFloors1763769900000,
  MonthKeys1763856000000,
  BalanceDigest1763942400000,
  KeptJudgements1763942500000,
  LocalFile1763942600000,
];
