import { clearTimeout, setTimeout } from 'node:timers';

/** The runner knows no time limits: this gives every test and hook its own, or this one, in milliseconds. */
const USUAL_MS = 60_000;

function limited(work, ms = USUAL_MS) {
  return async () => {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Not done within ${ms} ms.`)), ms);
    });
    try {
      await Promise.race([work(), late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

function limitedTest(test) {
  const register = (name, work, ms) => test(name, limited(work, ms));
  const each =
    (...table) =>
    (name, work, ms) =>
      test.each(...table)(name, (...row) => limited(() => work(...row), ms)());
  return Object.assign(register, { each, skip: test.skip, only: test.only });
}

globalThis.test = limitedTest(globalThis.test);
globalThis.it = limitedTest(globalThis.it);
for (const hook of ['beforeAll', 'beforeEach', 'afterAll', 'afterEach']) {
  const register = globalThis[hook];
  globalThis[hook] = (work, ms) => register(limited(work, ms));
}
