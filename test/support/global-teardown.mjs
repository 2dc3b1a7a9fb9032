import { removeTestRun } from './test-server.mjs';

export default async function globalTeardown() {
  await removeTestRun(process.env.TEST_RUN_FOLDER);
}
