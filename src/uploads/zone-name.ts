import { UsageError } from '../config/errors.js';
import { parseZone } from '../grid/domain/time-zone.js';

/** @throws UsageError no zone by its name. */
export function zoneName(text: string | null): string | null {
  if (text === null) return null;
  const zone = parseZone(text);
  if (zone === null) {
    throw new UsageError(
      `${JSON.stringify(text)} is no time zone: write an IANA name (Asia/Irkutsk) or an offset (+08:00).`,
    );
  }
  return zone.name;
}
