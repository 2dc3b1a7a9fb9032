import type { Declined } from '../format.js';
import type { Columns } from './columns.js';
import type { TableHead } from './header.js';
import type { CommonLayout, RegisterTable } from './layout.js';
import type { Preset } from './presets.js';
import type { TableSettings } from './recognise-table.js';
import { exportOf, markOf, unitFor, unitSaid } from './values.js';
import { isTotal } from './words.js';

const ZONES = ['T1', 'T2', 'T3', 'T4'] as const;

export function registerTable(
  head: TableHead,
  columns: Columns,
  common: CommonLayout,
  found: readonly number[],
  preset: Preset | null,
  settings: TableSettings,
): RegisterTable | Declined {
  const imports = found.filter((column) => exportOf(head.names[column]) === 'import');
  const ofLiander = preset?.title.startsWith('Liander') ?? false;
  const used = (ofLiander ? imports.slice(0, 2) : imports).slice(0, 5);
  const values = used.map((column, at): RegisterTable['values'][number] => {
    const name = head.names[column];
    const said = /[tт]\s?([1-4])|(?:tarief|zone|зона|тариф)\s?([1-4])/i.exec(name);
    const number = said === null ? null : Number(said[1] ?? said[2]);
    const zone =
      isTotal(name) || (used.length === 1 && number === null) ? 'total' : ZONES[(number ?? at + 1) - 1];
    const unit = (unitFor(name, head, preset) ?? unitSaid(settings))?.unit ?? {
      whPerUnit: 1000,
      isPower: false,
    };
    return {
      column,
      name,
      channel: 'import',
      unit,
      mark: markOf(columns.cells(column), settings) ?? '.',
      point: null,
      zone,
    };
  });
  const given = found.length - imports.length;
  const assumed = [
    ...common.assumed,
    'Dates without a time are taken for readings at their midnight.',
    ...(ofLiander
      ? [
          'reading1 and reading2 are taken for the tariffs of what is delivered; reading3 and reading4, what is returned, are not read.',
        ]
      : []),
    ...(given > 0 && !ofLiander ? ['Registers of what is given to the grid are passed over.'] : []),
  ];
  return { ...common, form: 'registers', values, assumed };
}
