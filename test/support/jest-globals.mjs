/** What `@jest/globals` gives inside jest's own runner, which gives it to nobody else. */
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globalThis;
