import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { sendDigests } from '../../src/alerts/deliveries/digest.js';
import { sendThrough } from '../../src/alerts/deliveries/smtp.js';
import { addSubscription } from '../../src/alerts/deliveries/subscriptions.js';
import type { Database } from '../../src/database/open-database.js';
import { FREE_REGION } from '../detection/synthetic-points.js';
import { testDatabase } from '../support/database.js';
import { rescore, seedPoints } from './changing-alerts.js';
import { SmtpReceiver } from './smtp-receiver.js';

describe('digests by mail', () => {
  let db: Database;
  let client: Client;
  let points: number[];
  let mail: SmtpReceiver;
  let day = 0;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    points = await seedPoints(client, 4);
    await client.query('update metering_point set territory_code = $1 where id = $2', [
      FREE_REGION,
      points[0],
    ]);
    for (const [name, language, territory] of [
      ['anna', 'ru', null],
      ['boris', 'en', FREE_REGION],
    ] as const)
      await addSubscription(client, {
        ...{ channel: 'mail', name, target: `${name}@example.org`, language, territory, createdBy: 'test' },
        ...{ kinds: null, states: ['firing', 'resolved'] },
      });
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });
  beforeEach(async () => {
    mail = await SmtpReceiver.start();
  });
  afterEach(() => mail.close());

  const change = () => {
    day += 10;
    return rescore(db, client, { points, suspected: (day / 10) % 2 === 1, afterDays: day });
  };
  const send = () =>
    sendDigests(db, { from: 'gridwarden@example.org', publicUrl: null, send: sendThrough(mail.url) });
  const results = async () =>
    (await client.query<{ result: string }>('select result from digest_mail order by id')).rows.map(
      ({ result }) => result,
    );

  it('nothing is mailed when nothing changed', async () => {
    expect(await send()).toEqual([]);
    expect(mail.mails).toEqual([]);
  });

  it('each inspector has one mail of what changed in their territory, in their language, without households', async () => {
    await change();
    expect(await send()).toEqual(['sent', 'sent']);
    const [anna, boris] = mail.mails;
    expect(anna.to).toEqual(['anna@example.org']);
    expect(anna.body.match(/нагрузка похожа на майнинг, требует внимания/g)).toHaveLength(4);
    expect(boris.to).toEqual(['boris@example.org']);
    expect(boris.headers.get('subject')).toBe('Gridwarden: changes of suspicions: 1');
    expect(boris.body.match(/load resembles mining, needs attention/g)).toHaveLength(1);
    for (const { body } of mail.mails) expect(body).not.toMatch(/P-\d/);
    expect(await send()).toEqual([]);
  });

  it('what was not taken is in the next one, told once, under the same Message-ID', async () => {
    await change();
    const tried: string[] = [];
    const failing = async ({ messageId }: { messageId: string }) => {
      tried.push(messageId);
      throw Object.assign(new Error('greylisted'), { code: 'EMESSAGE' });
    };
    expect(await sendDigests(db, { from: 'g@example.org', publicUrl: null, send: failing })).toEqual([
      'message_refused',
      'message_refused',
    ]);
    expect(await send()).toEqual(['sent', 'sent']);
    expect(mail.mails.map(({ headers }) => headers.get('message-id'))).toEqual(tried);
    expect(mail.mails[1].body.match(/no longer supported/g)).toHaveLength(1);
    expect((await results()).slice(-4)).toEqual(['message_refused', 'message_refused', 'sent', 'sent']);
  });

  it('an alert that came and went since is told as gone only', async () => {
    await change();
    await change();
    await send();
    expect(mail.mails[1].body.match(/^- suspicion/gm)).toHaveLength(1);
    expect(mail.mails[1].body).toContain('no longer supported');
  });

  it('one address that is refused keeps no other from its mail', async () => {
    await change();
    mail.unknown.add('anna@example.org');
    expect(await send()).toEqual(['address_refused', 'sent']);
    mail.unknown.clear();
    mail.refuses = true;
    expect(await send()).toEqual(['message_refused']);
    mail.refuses = false;
    expect(await send()).toEqual(['sent']);
  });

  it('a server that is away is said so, and nothing is lost', async () => {
    await change();
    const options = { from: 'g@example.org', publicUrl: null, send: sendThrough('smtp://127.0.0.1:1') };
    expect(await sendDigests(db, options)).toEqual(['connection_refused', 'connection_refused']);
    expect(await send()).toEqual(['sent', 'sent']);
  });
});
