import type { Format } from './format.js';
import { OWN_LAYOUTS } from './own-layouts.js';
import { NEM } from './nem/nem.format.js';
import { POINT_CODES } from './point-codes/point-codes-csv.js';

/**
 * Every format that is read, and those that are known and declined; the first to recognise a file takes it. What is told
 * by a signature of its own comes before what is told by the look of its columns.
 */
export const FORMATS: readonly Format[] = [POINT_CODES, NEM, ...OWN_LAYOUTS];
