/**
 * Tests run in plain Node, two processes of it, each for one file after the other: jest's own runner loads all modules anew for
 * each file, into a sandbox in which arithmetic is several times slower. So a test file leaves nothing behind.
 */
export default {
  runner: '<rootDir>/test/support/runner.mjs',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testRegex: '\\.(spec|e2e-spec)\\.ts$',
  setupFiles: ['<rootDir>/test/support/typescript.mjs'],
  setupFilesAfterEnv: ['<rootDir>/test/support/time-limits.mjs'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  maxWorkers: 2,
};
