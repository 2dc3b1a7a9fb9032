import type { Client } from 'pg';

/**
 * What must be stored of a long file, read here in the plainest way and by none of the code under test: the last value of
 * each (point, hour) as Wh, and how many lines were good and bad.
 */
export interface Expected {
  /** `point 2025-01-01T05:00` in standard time → Wh. */
  readonly wh: ReadonlyMap<string, number>;
  readonly good: number;
  readonly bad: number;
}

/** Lines `id,2025-01-01T05:00,0.851` in the metering points' own standard time; below zero is bad. */
export function readPlainly(text: string): Expected {
  const wh = new Map<string, number>();
  let good = 0;
  let bad = 0;
  for (const line of text.split('\n').slice(1)) {
    if (line === '') continue;
    const [id, time, kwh] = line.split(',');
    if (Number(kwh) < 0) bad++;
    else {
      good++;
      wh.set(`${id} ${time}`, Math.round(Number(kwh) * 1000));
    }
  }
  return { wh, good, bad };
}

/** The first differences between what is stored of the upload and what must be; none when every reading is there once. */
export async function differences(client: Client, uploadId: number, { wh }: Expected): Promise<string[]> {
  const { rows } = await client.query<{ id: string; day: string; energy: Buffer; unit: number }>(
    `select p.external_id as id, to_char(l.day, 'YYYY-MM-DD') as day, l.energy, (10 ^ l.scale)::int as unit
     from load_profile l join metering_point p on p.id = l.metering_point_id where l.upload_id = $1`,
    [uploadId],
  );
  const left = new Map(wh);
  const found: string[] = [];
  for (const { id, day, energy, unit } of rows) {
    for (let hour = 0; hour < energy.length / 2; hour++) {
      const code = energy.readUInt16LE(hour * 2);
      if (code === 65_535) continue;
      const key = `${id} ${day}T${String(hour).padStart(2, '0')}:00`;
      if (left.get(key) !== code * unit) found.push(`${key}: ${code * unit} and not ${left.get(key)}`);
      left.delete(key);
    }
  }
  for (const [key] of left) found.push(`${key} is lost`);
  return found.slice(0, 5);
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
