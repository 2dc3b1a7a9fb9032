import { test } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { AppModule } from '../../src/app.module.js';
import { createHttpApp } from '../../src/http/http-app.js';
import { testDatabase } from '../support/database.js';
import { answeredPaths, routesOf } from '../support/routes.js';
test('x', async () => {
  const database = await testDatabase();
  const config = loadConfig({ GRIDWARDEN_LOG_LEVEL: 'error', GRIDWARDEN_SCORING_CRON: '0 0 1 1 *', GRIDWARDEN_DATA_DIR: '/tmp/work/probe-data' });
  const app = await createHttpApp(AppModule.over(config, database), config);
  await app.init();
  console.log(routesOf(app), answeredPaths(app));
  await app.close(); await database.close();
});
