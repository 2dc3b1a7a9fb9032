import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { inspectFile } from '../../../src/uploads/inspect-file.js';
import { describeWithRealData } from '../../support/shared-data.js';

/** What independent readers of these files count: values, kWh taken, kWh given, problems. */
const SAMPLES: readonly [string, number, number, number, number][] = [
  ['green-button/coastal_single_family_ESPI-0.7.xml', 362, 291.018, 0, 0],
  ['green-button/test_usage_data_01.xml', 96, 93.846, 0, 0],
  ['green-button/test_usage_data_1.xml', 480, 511.688, 0, 0],
  ['green-button/test_usage_data_11.xml', 92, 109.403, 0, 0],
  ['iec62325/xml-ValidMeteredDataForMeteringPoint.xml', 6, 0, 336, 0],
  ['iec62325/xml-ValidMeteredDataForMeteringPointWithTwoTransactions.xml', 12, 0, 672, 0],
  ['iec62325/xml-InvalidMeteredDataForMeteringPoint.xml', 0, 0, 0, 1],
];

describeWithRealData('XML of other senders', (folder) => {
  it.each(SAMPLES)('%s', async (name, values, importKwh, exportKwh, problems) => {
    const file = path.join(folder, 'formats', name);
    if (!existsSync(file))
      return void process.stderr.write(`\n*** SKIPPED, the sample is not there: ${name}\n`);
    const found = await inspectFile(file, null, new Date('2026-06-01T00:00:00Z'));
    expect(found.totals).toMatchObject({ values, import_kwh: importKwh, export_kwh: exportKwh });
    expect(found.problems.count).toBe(problems);
  });
});
