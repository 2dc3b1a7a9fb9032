import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { AppModule } from '../../src/app.module.js';
import { CheckpointSchedule } from '../../src/audit/checkpoint-schedule.js';
import {
  checkpointText,
  cosign,
  signCheckpoint,
  type Checkpoint,
} from '../../src/audit/domain/checkpoint.js';
import {
  COSIGNATURE_KEY,
  NOTE_KEY,
  parseVerifierKey,
  signerKey,
} from '../../src/audit/domain/signed-note.js';
import { serviceSource } from '../../src/audit/log-source.js';
import { witnessLog } from '../../src/audit/witness.js';
import { SettingsRecorder } from '../../src/integrity/settings-recorder.js';
import { loadConfig } from '../../src/config/config.js';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { createHttpApp } from '../../src/http/http-app.js';
import { mintKey, withKey } from '../support/access.js';
import { testDatabase, testRunFolder } from '../support/database.js';
import { eventually } from '../support/process.js';
import { append, decisions } from './sample-log.js';

let app: NestExpressApplication;
let database: Database;
let folder: string;
const witness = signerKey('tax.example/witness', COSIGNATURE_KEY, Buffer.alloc(32, 7));
const posted: string[] = [];
const timesPosted = (checkpoint: string) => posted.filter((text) => text === checkpoint).length;
const receiver = createServer((incoming, response) => {
  let text = '';
  incoming.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  incoming.on('end', () => {
    posted.push(text);
    // Each is refused the first time: what was not taken is handed out again.
    response.writeHead(timesPosted(text) === 1 ? 503 : 200).end();
  });
});

beforeAll(async () => {
  folder = mkdtempSync(path.join(testRunFolder(), 'audit-api-'));
  database = await testDatabase();
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const config = loadConfig({
    GRIDWARDEN_DATA_DIR: folder,
    GRIDWARDEN_LOG_LEVEL: 'fatal',
    GRIDWARDEN_SCORING_CRON: '0 0 1 1 *',
    GRIDWARDEN_CHECKPOINT_CRON: '* * * * * *',
    GRIDWARDEN_CHECKPOINT_WEBHOOK: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
    GRIDWARDEN_AUDIT_ORIGIN: 'energo.example/log',
    GRIDWARDEN_WITNESS_KEYS: witness.verifier.text,
  });
  app = await createHttpApp(AppModule.over(config, database), config);
  await app.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await app.close();
  await database.close();
  receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

const http = () => request(app.getHttpServer());
/** As a program of the auditor asks. */
const auditor = async () => withKey(app, await mintKey(database, 'auditor'));
const url = () => `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;

async function write(first: number, count: number): Promise<void> {
  const client = await database.connect();
  await append(client, decisions(first, count));
  await client.end();
}

describe('the audit log of a running service', () => {
  it('begins with the rules it judges by, and the settings', async () => {
    const begin = await database.dataSource.query(
      'select kind, body from audit_entry where seq < 2 order by kind',
    );
    expect(begin.map(({ kind }: { kind: string }) => kind)).toEqual([
      'rulebook.in_force',
      'settings.in_force',
    ]);
    expect(JSON.parse(begin[0].body).rules.length).toBeGreaterThan(3);
  });

  it('says by which settings the service guards, and says it once', async () => {
    const entries: { body: string }[] = await database.dataSource.query(
      `select body from audit_entry where kind = 'settings.in_force'`,
    );
    expect(entries.map(({ body }) => JSON.parse(body))).toEqual([
      expect.objectContaining({
        namingEvidence: 2,
        reinspectDismissals: 0.1,
        reinspectConfirmations: 0.05,
        seededCases: 0.02,
        witnessKeys: [witness.verifier.text],
      }),
    ]);
    await app.get(SettingsRecorder).onApplicationBootstrap();
    const after = await database.dataSource.query(`select from audit_entry where kind = 'settings.in_force'`);
    expect(after).toHaveLength(1);
  });

  it('is signed by the clock, and each checkpoint is posted until it is taken', async () => {
    // The clock may strike between the two entries the service begins with, and sign the first alone.
    const ofBoth = () => posted.find((text) => text.startsWith('energo.example/log\n2\n'));
    await eventually(() => timesPosted(ofBoth() ?? '') === 2, 20_000);
    const { text } = await http()
      .get('/api/v1/audit/checkpoint')
      .expect(200)
      .expect('content-type', /text\/plain/);
    expect(text).toBe(ofBoth());
  });

  it('is witnessed from outside, over HTTP', async () => {
    const { text } = await http().get('/api/v1/audit/key').expect(200);
    const logKey = parseVerifierKey(text.trim())!;
    const ask = () =>
      witnessLog(serviceSource(url()), {
        stateFile: path.join(folder, 'witness.txt'),
        name: null,
        logKey,
        now: new Date(),
      });
    const before = (await ask()).checkpoint.size;
    await write(0, 30);
    expect((await app.get(CheckpointSchedule).sign()).size).toBe(before + 30);
    expect(await ask()).toMatchObject({ isNew: true, checkpoint: { size: before + 30 } });
  });

  it('takes a witness’s word from whoever it asks for, of a tree of its own, and shows how old it is', async () => {
    const tell = (checkpoint: Checkpoint) =>
      http()
        .post('/api/v1/audit/cosignatures')
        .set('content-type', 'text/plain')
        .send(checkpointText(checkpoint));
    const metric = async () => {
      const { text } = await withKey(app, await mintKey(database, 'metrics'))
        .get('/metrics')
        .expect(200);
      return /^gridwarden_audit_witness_timestamp_seconds\{witness="tax.example\/witness"\} ([\d.]+)$/m.exec(
        text,
      )?.[1];
    };
    const newest = (await serviceSource(url()).newest())!;
    const stranger = signerKey('else.example/witness', COSIGNATURE_KEY, Buffer.alloc(32, 8));
    const at = new Date('2026-03-02T00:00:00Z');
    await tell(newest).expect(422);
    await tell(cosign(newest, stranger, at)).expect(422);
    const forged = signCheckpoint(
      { size: newest.size, root: Buffer.alloc(32) },
      signerKey(newest.origin, NOTE_KEY, Buffer.alloc(32)),
    );
    await tell(cosign(forged, witness, at)).expect(422);
    await http().post('/api/v1/audit/cosignatures').send('x'.repeat(9_000)).expect(413);
    expect(await metric()).toBeUndefined();
    await serviceSource(url()).handIn(cosign(newest, witness, at));
    expect(await metric()).toBe(String(at.getTime() / 1000));
    // An older word changes nothing, and one of tomorrow counts as of now.
    await tell(cosign(newest, witness, new Date('2026-03-01T00:00:00Z'))).expect(204);
    expect(await metric()).toBe(String(at.getTime() / 1000));
    await tell(cosign(newest, witness, new Date(Date.now() + 86_400_000))).expect(204);
    expect(Number(await metric())).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it('proves an entry to an auditor, who can show it to anybody', async () => {
    await http().get('/api/v1/audit/entries/5/proof').expect(401);
    const { body } = await (await auditor()).get('/api/v1/audit/entries/5/proof').expect(200);
    const file = path.join(folder, 'proof.json');
    writeFileSync(file, JSON.stringify(body));
    const key = readFileSync(path.join(folder, 'audit', 'log.key.pub'), 'utf8').trim();
    const script = path.join(projectRoot, 'scripts/verify-inclusion.mjs');
    const { status, stdout } = spawnSync(process.execPath, [script, file, key], { encoding: 'utf8' });
    expect(stdout).toMatch(/Entry 5 is in the log energo\.example\/log of \d+ entries/);
    expect(status).toBe(0);
  });

  it.each([
    ['entries/99999/proof', 404],
    ['entries/-1/proof', 400],
    ['entries/one/proof', 400],
    ['consistency?older=5&size=31', 200],
    ['consistency?older=6&size=5', 400],
    ['consistency?older=0&size=5', 400],
    ['consistency?older=5&size=99999', 404],
  ])('GET %s: %d', async (route, status) => {
    const client = route.startsWith('entries') ? await auditor() : http();
    await client.get(`/api/v1/audit/${route}`).expect(status);
  });

  it('says in the metrics how much of it is signed', async () => {
    const { text } = await (await auditor()).get('/metrics').expect(200);
    // The keys that asked are on record too.
    expect(text).toMatch(/^gridwarden_audit_entries (3[1-9]|4\d)$/m);
    expect(text).toMatch(/^gridwarden_audit_signed_entries (3[1-9]|4\d)$/m);
    expect(text).toMatch(/^gridwarden_audit_checkpoint_failures_total [1-9]/m);
  });
});
