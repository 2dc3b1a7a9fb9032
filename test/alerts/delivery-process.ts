import { DeliveryLoop } from '../../src/alerts/deliveries/delivery-loop.js';
import { openUrl } from '../../src/database/open-database.js';

/** Delivers webhooks until it is killed; prints how each attempt ended. A failed one is repeated after 0.2 s. */
const [databaseUrl] = process.argv.slice(2);
const database = await openUrl(databaseUrl, async () => {});
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
new DeliveryLoop(database.dataSource, {
  allowed: ['127.0.0.0/8'],
  publicUrl: 'https://gridwarden.example',
  leaseSeconds: 2,
  pollMs: 50,
  pause: () => 0.2,
  onAttempt: say,
  onError: (error) => say(error.message),
}).start();
