import { isIP } from 'node:net';
import { HttpException, StandardSchemaValidationPipe, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import type { Config } from '../config/config.js';
import { InvalidRequestException, ProblemDocumentFilter } from './problem-document.filter.js';
import { version } from '../config/version.js';
import { createLog } from '../telemetry/log.js';
import { NestLog } from '../telemetry/nest-log.js';
import { logRequests } from '../telemetry/request-log.js';
import { webPages } from './web-pages.js';

/** A connection on which nothing moves for this long is cut; a slow upload of hours is fine, a dead one is not. */
const IDLE_CONNECTION_MS = 120_000;
/** Swagger UI brings its own script file and writes its styles inline. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** The HTTP application around the service's root module, not listening yet. */
export async function createHttpApp(
  root: DynamicModule,
  config: Config,
  log = createLog(config),
): Promise<NestExpressApplication> {
  // No body parser: uploads are streamed by their route, and no other route reads a body.
  const app = await NestFactory.create<NestExpressApplication>(root, {
    bodyParser: false,
    logger: new NestLog(log),
  });
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustedProxies);
  app.use(logRequests(log), refuseForeignNames(config.publicUrl), setSecurityHeaders, webPages());
  app.useGlobalPipes(
    new StandardSchemaValidationPipe({ exceptionFactory: (issues) => new InvalidRequestException(issues) }),
  );
  app.useGlobalFilters(new ProblemDocumentFilter());
  describeApi(app);
  const server = app.getHttpServer();
  // Node would cut every request after 5 minutes, uploads too; headersTimeout (a minute) still guards against slow openers.
  server.requestTimeout = 0;
  server.setTimeout(IDLE_CONNECTION_MS);
  return app;
}

function describeApi(app: NestExpressApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Gridwarden')
    .setDescription(
      'Readings in, suspected home mining out, with reasons. Errors are RFC 9457 problem documents ' +
        '(`application/problem+json`). A flag is a suspicion: only an inspector confirms.',
    )
    .setVersion(version())
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: gw_…' }, 'key')
    .addSecurityRequirements('key')
    .build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, description), {
    jsonDocumentUrl: 'api/openapi.json',
    yamlDocumentUrl: 'api/openapi.yaml',
    customSiteTitle: 'Gridwarden API',
  });
}

/**
 * We answer under our own names only. A web page may let a name of its own resolve to our address (DNS rebinding), and the
 * Host header gives it away; the guard before the routes sees to everything else that a foreign page may try.
 */
function refuseForeignNames(publicUrl: string | null) {
  const publicName = publicUrl === null ? null : new URL(publicUrl).hostname;
  return (request: Request, _response: Response, next: NextFunction): void => {
    const { hostname } = request;
    if (isLocalName(hostname) || hostname === publicName) next();
    else
      next(
        new HttpException(
          `This service does not answer to the name ${hostname}; GRIDWARDEN_PUBLIC_URL gives it one.`,
          421,
        ),
      );
  };
}

function isLocalName(hostname: string | undefined): boolean {
  return hostname === undefined || hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

function setSecurityHeaders(request: Request, response: Response, next: NextFunction): void {
  response.set({
    'content-security-policy': request.path.startsWith('/api/docs') ? DOCS_POLICY : API_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Readings tell when a family is at home: no cache keeps them.
    'cache-control': 'no-store',
  });
  next();
}
