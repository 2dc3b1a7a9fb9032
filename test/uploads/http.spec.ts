import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig } from '../../src/config/config.js';
import type { Database } from '../../src/database/open-database.js';
import { AppModule } from '../../src/app.module.js';
import { createHttpApp } from '../../src/http/http-app.js';
import { decodeDay } from '../../src/readings/domain/energy-codec.js';
import type { Receipt } from '../../src/uploads/receipt.js';
import { mintKey, withKey } from '../support/access.js';
import { Broker } from './broker.js';
import { Mosquitto } from './mosquitto.js';
import { MqttIntake } from '../../src/uploads/mqtt/mqtt-intake.service.js';
import { UploadLoader } from '../../src/uploads/upload-loader.service.js';
import { UploadsMetrics } from '../../src/uploads/uploads.metrics.js';
import { testDatabase } from '../support/database.js';
import { describeWithDebian, MOSQUITTO } from '../support/debian.js';
import { eventually } from '../support/process.js';

let folder: string;
let database: Database;
let app: NestExpressApplication;
let key: string;
let broker: Broker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gridwarden-http-'));
  database = await testDatabase();
  key = await mintKey(database, 'utility');
  broker = await Broker.start();
  const config = loadConfig({
    GRIDWARDEN_MQTT_URL: broker.url,
    GRIDWARDEN_MQTT_TOPICS: 'default:meters/{metering_point}/energy?start=ts&kwh=value,default:batches/#',
    GRIDWARDEN_DATA_DIR: folder,
    GRIDWARDEN_UPLOAD_MAX_BYTES: '1000000',
    GRIDWARDEN_LOG_LEVEL: 'fatal',
  });
  app = await createHttpApp(AppModule.over(config, database), config);
  await app.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await app.close();
  await broker.stop();
  await database.close();
  await rm(folder, { recursive: true });
});

const api = () => withKey(app, key);

function send(content: string | Buffer, query: Record<string, string> = {}) {
  return api().post('/api/v1/uploads').query(query).type('text/csv').send(content);
}

async function loaded(id: number): Promise<Receipt> {
  let receipt: Receipt | null = null;
  await eventually(async () => {
    receipt = (await api().get(`/api/v1/uploads/${id}`).expect(200)).body as Receipt;
    return receipt.status !== 'received' && receipt.status !== 'loading';
  }, 30_000);
  return receipt!;
}

describe('uploads over HTTP', () => {
  const readings =
    'metering_point,start,kwh\nA,2026-03-01T00:00,0.5\nA,2026-03-01T01:00,-1\nX,2026-03-01T00:00,1\n';

  it('takes a registry and readings, answers 202 at once and the receipt later', async () => {
    const registry = await send('metering_point,territory\nA,RU-IRK\n', { kind: 'registry' }).expect(202);
    expect(await loaded(registry.body.id)).toMatchObject({ status: 'loaded', counts: { accepted: 1 } });
    const sent = await send(readings, { filename: 'march.csv' }).expect(202);
    expect(sent.headers.location).toBe(`/api/v1/uploads/${sent.body.id}`);
    expect(await loaded(sent.body.id)).toMatchObject({
      filename: 'march.csv',
      status: 'loaded',
      counts: { rows: 3, accepted: 1, rejected: 1, held: 1, rejected_by_reason: { negative: 1 } },
    });
  });

  it('answers the same bytes with the first receipt', async () => {
    const again = await send(readings).expect(200);
    expect(again.body).toMatchObject({ filename: 'march.csv', status: 'loaded' });
    const twins = await Promise.all([1, 2, 3, 4].map(() => send(gzipSync(`${readings}\n`))));
    expect(new Set(twins.map((twin) => twin.body.id)).size).toBe(1);
    expect(twins.filter((twin) => twin.status === 202)).toHaveLength(1);
  });

  it('hands back rejected rows in the layout of the file, ready to be mended and sent again', async () => {
    const { body } = await send(readings);
    const rejects = await api()
      .get(`/api/v1/uploads/${body.id}/rejects`)
      .expect(200)
      .expect('content-type', /text\/csv/);
    expect(rejects.text.split('\r\n')).toEqual([
      'metering_point,start,kwh,gridwarden_line,gridwarden_reason,gridwarden_detail',
      expect.stringMatching(/^A,2026-03-01T01:00,-1,3,negative,"kwh: .*negative/),
      '',
    ]);
    const mended = await send(rejects.text.replace(',-1,', ',0.7,')).expect(202);
    expect(await loaded(mended.body.id)).toMatchObject({
      status: 'loaded',
      counts: { accepted: 1, rejected: 0 },
    });
  });

  it('keeps its own columns under their names, whatever the row looked like', async () => {
    const rows = [
      'A,2026-03-01T07:00',
      'A,2026-03-01T06:00,1,extra,more',
      '"A",2026-03-01T05:00,x',
      'A,2026-02-31T00:00,1',
    ];
    const { body } = await send(`metering_point,start,kwh\n${rows.join('\n')}\n`).expect(202);
    expect(await loaded(body.id)).toMatchObject({ counts: { rejected: 4 } });
    const rejects = (await api().get(`/api/v1/uploads/${body.id}/rejects`).expect(200)).text;
    expect(rejects.split('\r\n').map((line) => line.replace(/,"(?:[^"]|"")*"$/, ''))).toEqual([
      'metering_point,start,kwh,gridwarden_line,gridwarden_reason,gridwarden_detail',
      'A,2026-03-01T07:00,,2,wrong_columns',
      'A,2026-03-01T06:00,"1,extra,more",3,wrong_columns',
      '"A",2026-03-01T05:00,x,4,bad_number',
      'A,2026-02-31T00:00,1,5,bad_time',
      '',
    ]);
    // Sent back as it is, nothing false is taken; its own rejects have our columns once.
    const again = await send(rejects).expect(202);
    expect(await loaded(again.body.id)).toMatchObject({ counts: { accepted: 0, blank: 1, rejected: 3 } });
    const second = (await api().get(`/api/v1/uploads/${again.body.id}/rejects`).expect(200)).text;
    expect(second.split('\r\n')[0]).toBe(rejects.split('\r\n')[0]);
  });

  it.each([
    ['registers', 'metering_point,taken_at,register_kwh\nA,2026-03-01,5\n'],
    ['events', 'metering_point,at,journal,code\nA,2026-03-01T00:00:07,4,1\n'],
    ['weather', 'territory;start;temperature_c\nRU-IRK;2026-03-01T00:00;-5\n'],
  ])('knows a file of %s by its first line', async (kind, text) => {
    const sent = await send(gzipSync(text)).expect(202);
    expect(sent.body.kind).toBe(kind);
  });

  it('takes PUT, as curl -T sends it', async () => {
    const put = await api()
      .put('/api/v1/uploads')
      .type('application/octet-stream')
      .send(Buffer.from(readings))
      .expect(200);
    expect(put.body.filename).toBe('march.csv');
  });

  it.each([
    ['a gzip cut off', gzipSync('x'.repeat(9999)).subarray(0, 20), {}, 422, 'cut off'],
    ['nothing', '', {}, 422, 'empty'],
    ['too much', 'x'.repeat(1_000_001), {}, 413, 'larger than the 1000000 bytes'],
    ['an unknown kind', readings, { kind: 'banana' }, 400, 'does not fit'],
    ['an unknown zone', readings, { zone: 'Mars/Olympus' }, 400, 'no time zone'],
    ['a NUL in the name', readings, { filename: 'a\0b.csv' }, 400, 'does not fit'],
    ['an escape in the zone', readings, { zone: '\u001b[2J' }, 400, 'does not fit'],
    ['a NUL in the utility', readings, { utility: 'a\0' }, 400, 'does not fit'],
    ['an unknown parameter', readings, { zon: 'Asia/Irkutsk' }, 400, 'does not fit'],
  ])('refuses %s with a problem document', async (_, content, query, status, reason) => {
    const answer = await send(content, query as Record<string, string>).expect(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body.detail).toContain(reason);
  });

  it('says on the receipt why a file that is no file of readings was refused', async () => {
    const sent = await send('just\nsome\ntext\n').expect(202);
    expect(await loaded(sent.body.id)).toMatchObject({
      status: 'refused',
      refusal: expect.stringContaining('not a header'),
    });
  });

  it.each([
    ['a gzip cut off', gzipSync('y'.repeat(9999)).subarray(0, 20), 'cut off'],
    ['a zip', Buffer.from('PK\x03\x04 and so on'), 'zip archive'],
  ])('has no rejected rows of %s, and says why', async (_, content, reason) => {
    await send(content).expect(422);
    const { id } = (await api().get('/api/v1/uploads?limit=1')).body.uploads[0] as Receipt;
    const answer = await api().get(`/api/v1/uploads/${id}/rejects`).expect(409);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body.detail).toContain(reason);
  });

  it.each(['?before=99999999999', '?before=0', '/99999999999', '/99999999999/rejects'])(
    'answers 400 to %s, which is no id',
    async (path) => {
      await api().get(`/api/v1/uploads${path}`).expect(400);
    },
  );

  describe('readings as they come', () => {
    const post = (body: string | Buffer, named?: string) => {
      const request = api().post('/api/v1/readings').type('application/x-ndjson');
      return (named === undefined ? request : request.set('idempotency-key', named)).send(body);
    };
    const reading = (start: string, kwh: unknown, more: object = {}) =>
      JSON.stringify({ metering_point: 'A', start, kwh, ...more });
    const storedDay = async (day: string): Promise<Float64Array> => {
      const [row] = await database.dataSource.query<{ energy: Buffer; scale: number }[]>(
        `select energy, scale from load_profile p join metering_point m on m.id = p.metering_point_id
         where m.external_id = 'A' and p.day = $1`,
        [day],
      );
      return decodeDay(row.energy, row.scale);
    };

    it('stores them in any order, however many bodies a day comes in', async () => {
      const afternoon = [15, 14, 13].map((hour) => reading(`2026-02-03T${hour}:00+08:00`, hour / 10));
      const first = await post(afternoon.join('\n')).expect(202);
      expect(first.headers.location).toBe(`/api/v1/uploads/${first.body.id}`);
      expect(await loaded(first.body.id)).toMatchObject({
        kind: 'readings',
        status: 'loaded',
        counts: { accepted: 3, rejected: 0, checks: {} },
        layout: { layout: 'readings-ndjson' },
      });
      const late = [reading('2026-02-02T16:00:00.000Z', '0.25'), reading('2026-02-03T13:00+08:00', 9)];
      const second = await post(gzipSync(`[${late.join(',\n')}]`)).expect(202);
      expect(await loaded(second.body.id)).toMatchObject({ counts: { accepted: 2, stored: { changed: 1 } } });
      const day = await storedDay('2026-02-03');
      expect([day[0], day[12], day[13], day[14], day[15]]).toEqual([250, NaN, 9000, 1400, 1500]);
    });

    it('answers a key with the receipt it had, and takes no other body under it', async () => {
      const body = reading('2026-02-04T00:00+08:00', 1);
      const first = await post(body, 'batch-1').expect(202);
      const again = await post(body, 'batch-1').expect(200);
      expect(again.body.id).toBe(first.body.id);
      const other = await post(`${body}\n\n`, 'batch-1').expect(422);
      expect(other.body.detail).toContain('named another request');
      await loaded(first.body.id);
    });

    it('rejects line by line and holds what no registry names', async () => {
      const lines = [
        reading('2026-02-05T00:00+08:00', 1),
        reading('2026-02-05T01:00+08:00', -1),
        '{"metering_point":"A","start":',
        reading('2026-02-05T02:00', 1),
        reading('2026-02-05T03:00+08:00', null),
        '{"metering_point":"UNKNOWN","start":"2026-02-05T00:00Z","kwh":1}',
      ];
      const { body } = await post(lines.join('\r\n')).expect(202);
      expect(await loaded(body.id)).toMatchObject({
        status: 'loaded',
        counts: {
          accepted: 1,
          blank: 1,
          held: 1,
          rejected: 3,
          rejected_by_reason: { negative: 1, bad_value: 1, bad_time: 1 },
        },
      });
      const rejects = (await api().get(`/api/v1/uploads/${body.id}/rejects`).expect(200)).text;
      expect(rejects.split('\r\n').map((line) => line.split(',')[0])).toEqual(['line', '2', '3', '4', '']);
    });

    it('says what is wrong with a body that holds no readings, and with a question it does not know', async () => {
      const { body } = await post('{"kwh":\n').expect(202);
      expect(await loaded(body.id)).toMatchObject({ status: 'loaded', counts: { accepted: 0, rejected: 1 } });
      await post('').expect(422);
      await api().post('/api/v1/readings?zone=UTC').send('{}').expect(400);
      await api().post('/api/v1/readings?utility=other').send('{}').expect(404);
    });
  });

  describe('readings from a broker', () => {
    const day = '2026-01-10';
    const valuesOf = async (): Promise<(number | undefined)[]> => {
      const [row] = await database.dataSource.query<{ energy: Buffer; scale: number }[]>(
        `select energy, scale from load_profile p join metering_point m on m.id = p.metering_point_id
         where m.external_id = 'A' and p.day = $1`,
        [day],
      );
      return row === undefined ? [] : [...decodeDay(row.energy, row.scale).slice(0, 4)];
    };
    const fromBroker = async () =>
      ((await api().get('/api/v1/uploads?limit=200')).body.uploads as Receipt[]).filter(
        ({ filename }) => filename === 'mqtt.ndjson',
      );
    const topic = 'meters/A/energy';
    const acknowledged = (name: string) => broker.acknowledged.filter((each) => each === name).length;

    it('are stored, and acknowledged once they are durable', async () => {
      const durable: number[] = [];
      await eventually(() => broker.subscriptions > 0, 30_000);
      const note = () => void fromBroker().then(({ length }) => durable.push(length));
      broker.onAcknowledged(note);
      await broker.publish(topic, { ts: Date.parse(`${day}T01:00+08:00`), value: 1 });
      await broker.publish('batches/7', [
        { metering_point: 'A', start: `${day}T00:00+08:00`, kwh: 0.5 },
        { metering_point: 'A', start: `${day}T02:00+08:00`, kwh: 2 },
      ]);
      await eventually(async () => (await valuesOf())[2] === 2000 && (await valuesOf())[1] === 1000, 30_000);
      await eventually(() => acknowledged(topic) === 1 && acknowledged('batches/7') === 1, 30_000);
      await eventually(() => durable.length === 2, 30_000);
      expect(durable.every((uploads) => uploads > 0)).toBe(true);
      expect(await valuesOf()).toEqual([500, 1000, 2000, NaN]);
    });

    it('that can’t be read are acknowledged and kept as rejects', async () => {
      await broker.publish('meters/B/energy', 'ERROR 7');
      await broker.publish('meters/C/energy', { ts: 'soon', value: 1 });
      await eventually(() => acknowledged('meters/B/energy') + acknowledged('meters/C/energy') === 2, 30_000);
      const rejects = async () => {
        const texts: string[] = [];
        for (const { id, status } of await fromBroker())
          if (status === 'loaded') texts.push((await api().get(`/api/v1/uploads/${id}/rejects`)).text);
        return texts.join('');
      };
      await eventually(async () => /ERROR 7/.test(await rejects()) && /soon/.test(await rejects()), 30_000);
      expect(await rejects()).toMatch(/metering_point.*bad_id.*meters\/B\/energy/);
    });

    it('come again when they could not be stored', async () => {
      const spool = join(folder, 'spool');
      await rename(spool, `${spool}-away`);
      await writeFile(spool, 'no folder');
      const name = 'batches/again';
      try {
        await broker.publish(name, { metering_point: 'A', start: `${day}T03:00+08:00`, kwh: 3 });
        const monitor = withKey(app, await mintKey(database, 'metrics'));
        await eventually(
          async () =>
            /mqtt_messages_total\{result="failed"\} [1-9]/.test((await monitor.get('/metrics')).text),
          30_000,
        );
        expect(acknowledged(name)).toBe(0);
      } finally {
        await rm(spool);
        await rename(`${spool}-away`, spool);
      }
      await eventually(() => acknowledged(name) === 1, 30_000);
      await eventually(async () => (await valuesOf())[3] === 3000, 30_000);
    });

    it('that came while the broker was out of reach arrive afterwards', async () => {
      await broker.shut();
      await broker.publish('batches/later', { metering_point: 'A', start: `${day}T00:00+08:00`, kwh: 9 });
      await broker.open();
      await eventually(() => acknowledged('batches/later') === 1, 30_000);
      await eventually(async () => (await valuesOf())[0] === 9000, 30_000);
    });
  });

  it('lists receipts newest first, page by page', async () => {
    const first = (await api().get('/api/v1/uploads?limit=2').expect(200)).body.uploads as Receipt[];
    const second = (await api().get(`/api/v1/uploads?limit=2&before=${first[1].id}`).expect(200)).body
      .uploads as Receipt[];
    const ids = [...first, ...second].map((receipt) => receipt.id);
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect(new Set(ids).size).toBe(4);
  });

  it('answers 404 for an upload that is not there', async () => {
    await api()
      .get('/api/v1/uploads/999999')
      .expect(404)
      .expect('content-type', /problem\+json/);
    await api().get('/api/v1/uploads/999999/rejects').expect(404);
    await api().get('/api/v1/uploads/abc').expect(400);
  });
});

describeWithDebian('readings that two instances share', [MOSQUITTO], (program) => {
  it('each go to one of them, and are stored once', async () => {
    const mosquitto = await Mosquitto.start(program, join(folder, 'mosquitto.conf'));
    const intakes = ['gw-1', 'gw-2'].map((id) => {
      const config = loadConfig({
        GRIDWARDEN_MQTT_URL: mosquitto.url,
        GRIDWARDEN_MQTT_TOPICS: 'default:shared/{metering_point}',
        GRIDWARDEN_MQTT_SHARE: 'gridwarden',
        GRIDWARDEN_MQTT_CLIENT_ID: id,
        GRIDWARDEN_DATA_DIR: folder,
      });
      const metrics = new UploadsMetrics();
      return { metrics, intake: new MqttIntake(database, config, app.get(UploadLoader), metrics) };
    });
    try {
      for (const { intake } of intakes) await intake.onApplicationBootstrap();
      await eventually(() => mosquitto.subscriptions() === 2, 30_000);
      await mosquitto.publish(
        Array.from({ length: 24 }, (_, hour) => {
          const start = `2026-01-20T${String(hour).padStart(2, '0')}:00+08:00`;
          return { topic: 'shared/A', message: { start, kwh: hour } };
        }),
      );
      const stored = async () =>
        (
          await Promise.all(
            intakes.map(async ({ metrics }) => (await metrics.mqttMessages.get()).values[0]?.value ?? 0),
          )
        ).sort((a, b) => a - b);
      await eventually(async () => (await stored()).reduce((sum, count) => sum + count, 0) >= 24, 30_000);
      expect((await stored())[0]).toBeGreaterThan(0);
      expect((await stored())[0] + (await stored())[1]).toBe(24);
      await eventually(async () => (await valuesOn('2026-01-20')).length === 24, 30_000);
      expect(await valuesOn('2026-01-20')).toEqual(Array.from({ length: 24 }, (_, hour) => hour * 1000));
    } finally {
      for (const { intake } of intakes) await intake.onApplicationShutdown();
      await mosquitto.stop();
    }
  });

  async function valuesOn(day: string): Promise<number[]> {
    const [row] = await database.dataSource.query<{ energy: Buffer; scale: number }[]>(
      `select energy, scale from load_profile p join metering_point m on m.id = p.metering_point_id
       where m.external_id = 'A' and p.day = $1`,
      [day],
    );
    return row === undefined ? [] : [...decodeDay(row.energy, row.scale)].filter((wh) => !Number.isNaN(wh));
  }
});
