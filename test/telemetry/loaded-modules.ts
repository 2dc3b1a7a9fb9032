import Module from 'node:module';
import '../../src/app.module.js';
import { startTracing } from '../../src/telemetry/tracing.js';
import '../../src/http/service.js';

/**
 * Prints how many files of OpenTelemetry are loaded, but for its small API, which prom-client brings along, once the whole service is: with traces off, and then on.
 */
const loaded = (): number =>
  Object.keys((Module as unknown as { _cache: object })._cache).filter((file) =>
    /@opentelemetry\/(?!api\/)/.test(file),
  ).length;
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

await startTracing({ otlpEndpoint: null, traceRatio: 1 });
say(loaded());
const end = await startTracing({ otlpEndpoint: 'http://127.0.0.1:9', traceRatio: 1 });
say(loaded());
await end();
