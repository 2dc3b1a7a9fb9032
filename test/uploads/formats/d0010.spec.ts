import { D0010 } from '../../../src/uploads/formats/d0010/d0010.format.js';
import { decoded, recognisedBy, survivesDamage } from '../../support/decoded.js';
import { recognised } from './found.js';

const FILE = [
  'ZHV|0000475656|D0010001|X|COLL|M|SUPP|20260301000000||||OPER|',
  '026|1200000000017|V|',
  '028|F75A 00802|D|',
  '030|S|20260222000000|56311.0|||T|N|',
  '026|1200000000026|V|',
  '028|L01|D|',
  '030|01|20260222003000|100.5|||T|N|',
  '030|02|20260222003000|40|||F|N|',
  'ZPT|0000475656|7||2|20260301000000|',
  '',
].join('\r\n');

describe('D0010', () => {
  it('is told from other tables of bars', async () => {
    expect((await recognised(FILE))?.format.name).toBe('d0010');
    expect(await recognisedBy(D0010, Buffer.from('ZHV|1|D0149001|X|\n026|1|\n'))).toBeNull();
  });

  it.each([1, 64, 1 << 16])('reads registers by meter, cut into pieces of %d bytes', async (chunkBytes) => {
    const { items, problems } = await decoded(D0010, FILE, { chunkBytes });
    expect(problems).toEqual([]);
    const minutes = Date.UTC(2026, 1, 22) / 60_000;
    expect(items).toMatchObject([
      {
        point: '1200000000017',
        serial: 'F75A 00802',
        zone: 'total',
        kwh: 56_311,
        at: { localMinutes: minutes },
      },
      { point: '1200000000026', zone: 'T1', kwh: 100.5, quality: 0, at: { localMinutes: minutes + 30 } },
      { point: '1200000000026', zone: 'T2', kwh: 40, quality: 3, place: { line: 8 } },
    ]);
  });

  it.each([
    ['a time', '030|S|2026-02-22|1|||T|N|', 'bad_time'],
    ['a number', '030|S|20260222000000|n/a|||T|N|', 'bad_number'],
    ['a register that counts down', '030|S|20260222000000|-1|||T|N|', 'negative'],
  ])('rejects what is no %s, and reads on', async (_, record, reason) => {
    const lines = FILE.split('\r\n');
    const { items, problems } = await decoded(
      D0010,
      [...lines.slice(0, 3), record, ...lines.slice(4)].join('\n'),
    );
    expect(problems).toMatchObject([{ place: { line: 4 }, reason }]);
    expect(items.filter(({ kind }) => kind === 'register')).toHaveLength(2);
  });

  it('survives damage', async () => {
    await survivesDamage(D0010, Buffer.from(FILE));
  });
});
