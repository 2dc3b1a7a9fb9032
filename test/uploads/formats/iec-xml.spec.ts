import { describe, expect, it } from '@jest/globals';
import { damaged } from './damaged.js';
import { decoded, intervalsOf, problemsOf, recognised, shown } from './found.js';

interface SeriesOptions {
  readonly type?: string;
  readonly unit?: string;
  readonly resolution?: string;
  readonly start?: string;
  readonly end?: string;
  readonly curve?: string;
  readonly product?: string;
}

/** A document of our own in the form of IEC 62325; points as `[position, quantity, quality]`. */
function marketDocument(
  points: readonly (readonly [number | string, number | string | null, string?])[],
  {
    type = 'E17',
    unit = 'KWH',
    resolution = 'PT1H',
    start = '2026-03-01T23:00Z',
    end = '2026-03-02T23:00Z',
    curve,
    product,
  }: SeriesOptions = {},
): string {
  const point = points.map(
    ([position, quantity, quality]) =>
      `<c:Point><c:position>${position}</c:position>${quantity === null ? '' : `<c:quantity>${quantity}</c:quantity>`}${quality === undefined ? '' : `<c:quality>${quality}</c:quality>`}</c:Point>\n`,
  );
  return `\ufeff<?xml version="1.0" encoding="UTF-8"?>
<c:NotifyValidatedMeasureData_MarketDocument xmlns:c="urn:x"><c:mRID>1</c:mRID>
<c:Series><c:mRID>S1</c:mRID><c:marketEvaluationPoint.mRID codingScheme="A10">570000000000000001</c:marketEvaluationPoint.mRID>
<c:marketEvaluationPoint.type>${type}</c:marketEvaluationPoint.type>${product === undefined ? '' : `<c:product>${product}</c:product>`}
<c:quantity_Measure_Unit.name>${unit}</c:quantity_Measure_Unit.name>${curve === undefined ? '' : `<c:curveType>${curve}</c:curveType>`}
<c:Period><c:resolution>${resolution}</c:resolution><c:timeInterval><c:start>${start}</c:start><c:end>${end}</c:end></c:timeInterval>
${point.join('')}</c:Period></c:Series></c:NotifyValidatedMeasureData_MarketDocument>\n`;
}

describe('IEC 62325', () => {
  it('reads positions from the period’s start, A02 as missing, A03 as estimated', async () => {
    const text = marketDocument([
      [1, 1.5],
      [2, 2, 'A03'],
      [3, 9, 'A02'],
      [5, null],
    ]);
    expect((await recognised(text))?.format.name).toBe('iec-62325');
    const [block] = intervalsOf(await decoded(text, 100));
    expect(shown(block)).toEqual({
      point: '570000000000000001',
      channel: 'import',
      from: '2026-03-01T23:00Z',
      minutes: 60,
      kwh: [1.5, 2, null, null, null],
    });
    expect([...block.quality!]).toEqual([0, 1, 0, 0, 0]);
  });

  it.each([
    ['MWh by quarter hours', { unit: 'MWH', resolution: 'PT15M' }, { minutes: 15, kwh: [2000] }],
    ['kW as average power', { unit: 'KWT', resolution: 'PT30M' }, { minutes: 30, kwh: [1] }],
    ['production', { type: 'E18' }, { channel: 'export', kwh: [2] }],
    ['days', { resolution: 'P1D' }, { minutes: 1440, kwh: [2] }],
    ['an offset of its own', { start: '2026-03-02T00:00:00+01:00' }, { from: '2026-03-01T23:00Z' }],
  ])('reads %s', async (_, options, expected) => {
    expect(intervalsOf(await decoded(marketDocument([[1, 2]], options))).map(shown)).toMatchObject([
      expected,
    ]);
  });

  it('lets a value hold until the next one where the curve says so', async () => {
    const text = marketDocument(
      [
        [1, 1],
        [4, 2],
      ],
      { curve: 'A03', end: '2026-03-02T05:00Z' },
    );
    expect(intervalsOf(await decoded(text)).map(shown)).toMatchObject([{ kwh: [1, 1, 1, 2, 2, 2] }]);
  });

  it('reads ebIX, whose observations stand behind their period', async () => {
    const text = `<MeteredDataTimeSeries xmlns="un:unece"><PayloadEnergyTimeSeries><Identification>S</Identification>
      <ObservationTimeSeriesPeriod><ResolutionDuration>PT1H</ResolutionDuration><Start>2026-03-01T23:00:00Z</Start><End>2026-03-02T23:00:00Z</End></ObservationTimeSeriesPeriod>
      <IncludedProductCharacteristic><Identification>8716867000030</Identification><UnitType>KWH</UnitType></IncludedProductCharacteristic>
      <DetailMeasurementMeteringPointCharacteristic><TypeOfMeteringPoint>E17</TypeOfMeteringPoint></DetailMeasurementMeteringPointCharacteristic>
      <MeteringPointDomainLocation><Identification>570000000000000002</Identification></MeteringPointDomainLocation>
      <IntervalEnergyObservation><Position>1</Position><EnergyQuantity>3</EnergyQuantity><QuantityQuality>56</QuantityQuality></IntervalEnergyObservation>
      <IntervalEnergyObservation><Position>2</Position><QuantityMissing>true</QuantityMissing></IntervalEnergyObservation>
      </PayloadEnergyTimeSeries></MeteredDataTimeSeries>`;
    expect(intervalsOf(await decoded(text)).map(shown)).toEqual([
      {
        point: '570000000000000002',
        channel: 'import',
        from: '2026-03-01T23:00Z',
        minutes: 60,
        kwh: [3, null],
      },
    ]);
  });

  it.each([
    [
      'a period that ends before it begins',
      marketDocument([[1, 1]], { end: '2026-03-01T04:00Z' }),
      'bad_time',
      0,
    ],
    ['months', marketDocument([[1, 1]], { resolution: 'P1M' }), 'bad_interval', 0],
    [
      'positions behind the end',
      marketDocument([
        [1, 1],
        [25, 1],
      ]),
      'bad_time',
      1,
    ],
    [
      'a position that is none',
      marketDocument([
        ['x', 1],
        [1, 1],
      ]),
      'bad_number',
      1,
    ],
    [
      'a quantity that is none',
      marketDocument([
        [1, 'abc'],
        [2, 1],
      ]),
      'bad_number',
      1,
    ],
    [
      'no point',
      marketDocument([[1, 1]]).replace(/<c:marketEvaluationPoint.mRID[^]*?mRID>/, ''),
      'bad_id',
      0,
    ],
  ])('names %s', async (_, text, reason, blocks) => {
    const found = await decoded(text);
    expect(problemsOf(found)).toMatchObject([{ reason, place: { line: expect.any(Number) } }]);
    expect(intervalsOf(found)).toHaveLength(blocks);
  });

  it('passes over reactive energy, and says so', async () => {
    for (const options of [{ product: '8716867000047' }, { unit: 'K3' }]) {
      const found = await decoded(marketDocument([[1, 1]], options));
      expect(found).toEqual([{ kind: 'assumed', sentence: expect.stringContaining('no active energy') }]);
    }
  });

  it('makes of any damage items or a refusal', () =>
    damaged(
      'iec-62325',
      Buffer.from(
        marketDocument([
          [1, 1],
          [2, 2, 'A03'],
        ]),
      ),
    ));
});

const DELTA_15 = '0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.0.72.0';
const CUMULATIVE_15 = '0.0.2.9.1.1.12.0.0.0.0.0.0.0.0.3.72.0';
const REGISTER_T2 = '0.0.0.1.1.1.12.0.0.0.0.2.0.0.0.3.72.0';

/** A message of our own; the meter stands behind its readings, as the schema has it. */
function meterReadings(
  type: string,
  readings: readonly (readonly [string, string, string?])[],
  isSingle = false,
): string {
  const element = isSingle ? 'Readings' : 'IntervalReadings';
  const inner = readings.map(
    ([stamp, value, quality]) =>
      `<m:${element}><m:timeStamp>${stamp}</m:timeStamp><m:value>${value}</m:value>${quality === undefined ? '' : `<m:ReadingQualities><m:ReadingQualityType ref="${quality}"/></m:ReadingQualities>`}${isSingle ? `<m:ReadingType ref="${type}"/>` : ''}</m:${element}>\n`,
  );
  const blocks = isSingle
    ? inner.join('')
    : `<m:IntervalBlocks>${inner.join('')}<m:ReadingType ref="${type}"/></m:IntervalBlocks>`;
  return `<?xml version="1.0"?><EventMessage><Header><Noun>MeterReadings</Noun></Header><Payload>
<m:MeterReadings xmlns:m="http://iec.ch/TC57/2011/MeterReadings#"><m:MeterReading>${blocks}
<m:Meter><m:Names><m:name>M-77</m:name></m:Names></m:Meter>
<m:UsagePoint><m:mRID>UP-1</m:mRID></m:UsagePoint></m:MeterReading></m:MeterReadings></Payload></EventMessage>`;
}

describe('IEC 61968-9', () => {
  it('reads intervals that end at their time stamps, with qualities', async () => {
    const text = meterReadings(DELTA_15, [
      ['2026-03-01T10:15:00+02:00', '120'],
      ['2026-03-01T10:30:00+02:00', '130', '1.8.0'],
    ]);
    expect((await recognised(text))?.format.name).toBe('iec-61968-9');
    const [block] = intervalsOf(await decoded(text, 99));
    expect(shown(block)).toEqual({
      point: 'UP-1',
      channel: 'import',
      from: '2026-03-01T08:00Z',
      minutes: 15,
      kwh: [0.12, 0.13],
    });
    expect([...block.quality!]).toEqual([0, 1]);
  });

  it('takes the difference of registers that stand as intervals, and not over a gap or a reset', async () => {
    const found = await decoded(
      meterReadings(CUMULATIVE_15, [
        ['2026-03-01T10:00:00Z', '6519.0955'],
        ['2026-03-01T10:15:00Z', '6519.1396'],
        ['2026-03-01T10:45:00Z', '6519.2000'],
        ['2026-03-01T11:00:00Z', '3.0'],
        ['2026-03-01T11:15:00Z', '3.5'],
      ]),
    );
    expect(intervalsOf(found).map(shown)).toMatchObject([
      { from: '2026-03-01T10:00Z', kwh: [0.044] },
      { from: '2026-03-01T11:00Z', kwh: [0.5] },
    ]);
    expect(problemsOf(found)).toMatchObject([{ reason: 'negative', raw: '3' }]);
  });

  it('reads single registers with their tariff zone and serial', async () => {
    const found = await decoded(meterReadings(REGISTER_T2, [['2026-03-01T00:00:00Z', '1234.5']], true));
    expect(found).toEqual([
      expect.objectContaining({ kind: 'register', point: 'UP-1', serial: 'M-77', zone: 'T2', kwh: 1234.5 }),
    ]);
  });

  it.each([
    ['a clock’s reply', meterReadings(DELTA_15, [['2026-03-01T10:15:00Z', '10:14:58']]), 'bad_number'],
    ['no time', meterReadings(DELTA_15, [['', '1']]), 'bad_time'],
    ['a type that is none', meterReadings('KWH', [['2026-03-01T10:15:00Z', '1']]), 'unknown_unit'],
  ])('names %s', async (_, text, reason) => {
    expect(problemsOf(await decoded(text))).toMatchObject([{ reason, place: { line: expect.any(Number) } }]);
  });

  it('makes of any damage items or a refusal', () =>
    damaged(
      'iec-61968-9',
      Buffer.from(
        meterReadings(DELTA_15, [
          ['2026-03-01T10:15:00Z', '1'],
          ['2026-03-01T10:30:00Z', '2'],
        ]),
      ),
    ));
});

describe('formats that are declined', () => {
  it.each([
    ['<package class="51070" version="1"><group code="1"><flow power="1"/></group></package>', '80020'],
    ['<soap:Envelope xmlns="http://www.multispeak.org/Version_3.0"><x/></soap:Envelope>', 'MultiSpeak'],
  ])('%s is named, with what to send instead', async (text, sentence) => {
    expect((await recognised(text))?.found).toEqual({ declined: expect.stringContaining(sentence) });
  });
});
