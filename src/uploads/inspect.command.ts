import { Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../config/errors.js';
import { CT_STATES, optionsFault, UNITS, type UploadOptions } from './domain/upload-options.js';
import { inspectFile, type Inspection } from './inspect-file.js';

interface InspectOptions extends Omit<UploadOptions, 'ct_ratio'> {
  readonly ctRatio?: number;
  readonly zone?: string;
  readonly json?: boolean;
}

/** `gridwarden inspect FILE` */
export function inspectCommand(): Command {
  return new Command('inspect')
    .summary('look into a file without storing anything')
    .description(
      'Says what is recognised in a file and what is assumed, and prints its first decoded rows, time span, units, totals ' +
        'and problems. Nothing is stored, and no database is needed. Exit code 1 when nothing of the file can be read.',
    )
    .argument('<file>', 'the file, as it would be sent')
    .option('--zone <zone>', 'zone of times without an offset (Asia/Irkutsk, +08:00)')
    .addOption(new Option('--unit <unit>', 'of the values, where the file does not say').choices(UNITS))
    .addOption(
      new Option('--label <end>', 'which end of its interval a time names').choices(['start', 'end']),
    )
    .addOption(
      new Option('--ct <state>', 'whether the transformer ratio is in the values already').choices(CT_STATES),
    )
    .option('--ct-ratio <number>', 'the ratio, with --ct not-applied or twice', ratioFrom)
    .option('--point <id>', 'the metering point of all values, where the file names none')
    .option('--json', 'print one JSON object')
    .action(async (path: string, { zone, json, ctRatio, ...said }: InspectOptions) => {
      const options = { ...said, ct_ratio: ctRatio };
      const fault = optionsFault(options);
      if (fault !== null) throw new UsageError(fault);
      const found = await inspectFile(path, zone ?? null, new Date(), options);
      process.stdout.write(json ? `${JSON.stringify(found)}\n` : `${describeInspection(found)}\n`);
      if (found.parts.every(({ refusal }) => refusal !== null)) process.exitCode = 1;
    });
}

function ratioFrom(text: string): number {
  const ratio = Number(text);
  if (!(ratio > 0)) throw new InvalidArgumentError('a transformer ratio such as 40.');
  return ratio;
}

/** The inspection in plain lines. */
export function describeInspection(found: Inspection): string {
  const lines = [`${found.file}: ${found.bytes} bytes, ${found.packing}`];
  for (const part of found.parts) {
    const name = part.member === '' ? '' : `${part.member}: `;
    if (part.title !== null) lines.push(`  ${name}${part.title.en} / ${part.title.ru} (${part.format})`);
    if (part.recognised !== null) lines.push(`    recognised: ${part.recognised}`);
    for (const sentence of part.assumed) lines.push(`    assumed: ${sentence}`);
    if (part.refusal !== null) lines.push(`    ${part.title === null ? name : ''}not read: ${part.refusal}`);
  }
  if (found.parts_total > found.parts.length)
    lines.push(`  … and ${found.parts_total - found.parts.length} files more`);
  const { totals, time_span: span, interval_minutes: intervals, problems } = found;
  if (span !== null) lines.push(`  time: ${span.from} to ${span.to}`);
  if (intervals.length > 0) lines.push(`  intervals: ${intervals.join(', ')} minutes, energy in kWh`);
  lines.push(`  points: ${totals.points}`);
  if (totals.values + totals.missing > 0) {
    lines.push(
      `  values: ${totals.values}, missing ${totals.missing}; consumption ${totals.import_kwh} kWh, export ${totals.export_kwh} kWh`,
    );
  }
  if (totals.registers > 0) lines.push(`  register readings: ${totals.registers}`);
  if (totals.events > 0) lines.push(`  meter events: ${totals.events}`);
  if (totals.registry_rows > 0) lines.push(`  registry rows: ${totals.registry_rows}`);
  if (totals.point_codes > 0) lines.push(`  codes of points: ${totals.point_codes}`);
  if (found.first_rows.length > 0) lines.push('  first rows:');
  for (const row of found.first_rows) {
    const cells = Object.entries(row).flatMap(([name, value]) =>
      value === null || value === undefined
        ? []
        : [
            `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)}`,
          ],
    );
    lines.push(`    ${cells.join(' ')}`);
  }
  if (found.points.length > 1) lines.push('  largest points:');
  if (found.points.length > 1)
    for (const { point, values, kwh } of found.points.slice(0, 5))
      lines.push(`    ${point}: ${values} values, ${kwh} kWh`);
  lines.push(`  problems: ${problems.count}`);
  for (const [reason, count] of Object.entries(problems.by_reason)) lines.push(`    ${reason}: ${count}`);
  for (const { member, line, path, field, detail } of problems.first.slice(0, 10)) {
    const where = [member, `line ${String(line)}`, path, field].filter(
      (part) => part !== undefined && part !== '',
    );
    lines.push(`    ${where.map(String).join(', ')}: ${String(detail)}`);
  }
  return lines.join('\n');
}
