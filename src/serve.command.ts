import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from './config/config.js';

/** `gridwarden serve`: the HTTP API, the metrics and the scheduled scoring, until a signal stops it. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('run the service: uploads, alerts, metrics and scheduled scoring')
    .option('-p, --port <number>', 'listen on this port instead of GRIDWARDEN_PORT', parsePort)
    .action(async (options: { port?: number }) => {
      const config = loadConfig(process.env);
      // Loaded here, so that `serve --help` does not wait for Nest.
      const { serve } = await import('./http/service.js');
      const { AppModule } = await import('./app.module.js');
      await serve((...over) => AppModule.over(...over), { ...config, port: options.port ?? config.port });
    });
}

/** A TCP port, 0 for any that is free. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
  return port;
}
