/** `node --import ./test/support/typescript.mjs FILE.ts`: runs TypeScript as jest does, without a build. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
