import { Disclosure } from './disclosure.entity.js';
import { Feeder } from './feeder.entity.js';
import { HouseholdIdentity } from './household-identity.entity.js';
import { MeteringPoint } from './metering-point.entity.js';
import { TerritoryEntity } from './territory.entity.js';
import { Transformer } from './transformer.entity.js';
import { Utility } from './utility.entity.js';

/** This module's tables, for the data source. */
export const gridEntities = [
  TerritoryEntity,
  Utility,
  Feeder,
  Transformer,
  MeteringPoint,
  HouseholdIdentity,
  Disclosure,
];
