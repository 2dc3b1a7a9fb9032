import type { TableHead } from './header.js';
import { decimalMarkOf, isMissing, looksNumeric, numberFrom } from './numbers.js';
import { looksLikeDate, timeFrom } from './times.js';
import { isConsumption, roleOf, unitOf, type Role } from './words.js';

export const NO_COLUMN = -1;

/** An id has so many characters at least; a shorter number is a running one. */
const SHORTEST_ID = 5;

/** The columns of a table's beginning by their roles. */
export class Columns {
  private readonly roles: readonly (Role | null)[];

  constructor(private readonly head: TableHead) {
    this.roles = head.names.map(roleOf);
  }

  find(role: Role): number {
    return this.roles.indexOf(role);
  }

  cells(column: number): string[] {
    return this.head.sample.map(({ cells }) => cells[column] ?? '');
  }

  numbers(column: number): number[] {
    const cells = this.cells(column);
    const mark = decimalMarkOf(cells.filter(looksNumeric));
    return cells.map((cell) => numberFrom(cell, mark === ',' ? ',' : '.') ?? NaN);
  }

  /** The column of a role whose cells are dates, with or without a time. */
  dated(role: Role): number {
    return this.roles.findIndex(
      (each, column) => each === role && this.cells(column).slice(0, 200).some(looksLikeDate),
    );
  }

  /** A column whose cells are two times: «… to …», «… - …». */
  ranges(): number {
    return this.head.names.findIndex(
      (_, column) =>
        this.cells(column)
          .slice(0, 20)
          .every((cell) => /\d\s*(to|-|–|—|до)\s*\d{4}-|\d\s+(to|-|–|—|до)\s+\d/.test(cell)) &&
        this.cells(column).some(looksLikeDate),
    );
  }

  firstDated(): number {
    return this.head.names.findIndex(
      (name, column) =>
        roleOf(name) === null &&
        this.cells(column)
          .slice(0, 20)
          .every((cell) => looksLikeDate(cell)) &&
        this.cells(column).some((cell) => timeFrom(cell, 'dmy') !== null || timeFrom(cell, 'mdy') !== null),
    );
  }

  /** The column of clock times beside that of dates, where its header says start or end. */
  clockColumn(role: 'start'): number {
    const column = this.find(role);
    return column >= 0 && this.cells(column).some((cell) => /^\d{1,2}:\d{2}/.test(cell)) ? column : NO_COLUMN;
  }

  /** The first column of clock times, ranges of them or hours, whatever its header calls it. */
  clockByContent(but: readonly number[]): number {
    return this.head.names.findIndex((_, column) => {
      if (but.includes(column)) return false;
      const cells = this.cells(column).filter((cell) => cell !== '');
      return cells.length > 0 && (cells.every((cell) => CLOCK.test(cell)) || areHours(cells));
    });
  }

  /** The first column of ids, where no header names one: texts with digits, that stay or come again. */
  idByContent(but: readonly number[]): number {
    return this.head.names.findIndex((_, column) => {
      if (this.roles[column] !== null || but.includes(column)) return false;
      const cells = this.cells(column);
      const distinct = new Set(cells);
      return (
        cells.length > 1 &&
        distinct.size <= cells.length / 2 &&
        cells.every(
          (cell) =>
            cell.length >= SHORTEST_ID &&
            /^[\p{L}\d_/-]*\d[\p{L}\d_/-]*$/u.test(cell) &&
            !looksLikeDate(cell),
        )
      );
    });
  }

  isDateOnly(column: number): boolean {
    return (
      column >= 0 &&
      this.cells(column).every((cell) => cell === '' || timeFrom(cell, 'dmy')?.hasTime !== true)
    );
  }

  isWordy(role: Role): boolean {
    const column = this.find(role);
    return column >= 0 && this.cells(column).some((cell) => /\p{L}/u.test(cell));
  }

  /** Columns of words without a role: what kind of value a row holds may stand there. */
  wordy(): number[] {
    return this.head.names.flatMap((_, column) => {
      if (this.roles[column] !== null) return [];
      const distinct = new Set(this.cells(column));
      return distinct.size > 1 && distinct.size <= 12 && [...distinct].some((cell) => /\p{L}/u.test(cell))
        ? [column]
        : [];
    });
  }

  /** Columns of numbers whose header gives them no other role. */
  values(but: readonly number[] = []): number[] {
    return this.head.names.flatMap((name, column) => {
      const role = this.roles[column];
      if (role !== null || but.includes(column)) return [];
      const cells = this.cells(column);
      const present = cells.filter((cell) => !isMissing(cell));
      const numeric = present.filter(looksNumeric).length;
      const isValue =
        present.length === 0 ? isConsumption(name) || unitOf(name) !== null : numeric >= present.length * 0.6;
      return isValue && !present.every(looksLikeDate) ? [column] : [];
    });
  }
}

const CLOCK =
  /^\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[-–—]\s*\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)?$|^\d{1,2}\s*[-–—]\s*\d{1,2}$/;

/** Whole numbers that run through the day, in a table of several rows a day. */
function areHours(cells: readonly string[]): boolean {
  if (!cells.every((cell) => /^\d{1,2}$/.test(cell) && Number(cell) <= 25)) return false;
  const distinct = new Set(cells.map(Number));
  return distinct.size >= 23 && cells.slice(1).every((cell, at) => cell !== cells[at]);
}
