import { foreignTerritory, resolveTerritory, type Territory } from '../../grid/domain/territories.js';
import type { Zone } from '../../grid/domain/time-zone.js';
import { remembered } from './remembered.js';

/** Files name a few hundred territories; one full of garbage must not fill the memory. */
const MOST_TERRITORIES = 10_000;

/** Reads a territory's code; null when it is none of Russia and no `zone` says what clock another place has. */
export function territoryReader(zone: Zone | null): (code: string) => Territory | null {
  return remembered(
    (code: string) => resolveTerritory(code) ?? (zone && foreignTerritory(code, zone)),
    MOST_TERRITORIES,
  );
}
