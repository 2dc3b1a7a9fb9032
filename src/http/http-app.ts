import { isIP } from 'node:net';
import { HttpException, StandardSchemaValidationPipe, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import type { Config } from '../config/config.js';
import { InvalidRequestException, ProblemDocumentFilter } from './problem-document.filter.js';
import { StderrLogger } from './stderr.logger.js';
import { version } from '../config/version.js';

/** A connection on which nothing moves for this long is cut; a slow upload of hours is fine, a dead one is not. */
const IDLE_CONNECTION_MS = 120_000;
/** Swagger UI brings its own script file and writes its styles inline; nothing else here is a page. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** The HTTP application around the service's root module, not listening yet. */
export async function createHttpApp(root: DynamicModule, config: Config): Promise<NestExpressApplication> {
  // No body parser: uploads are streamed by their route, and no other route reads a body.
  const app = await NestFactory.create<NestExpressApplication>(root, {
    bodyParser: false,
    logger: new StderrLogger(config.logLevel),
  });
  app.disable('x-powered-by');
  app.use(refuseForeignPages, setSecurityHeaders);
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
    .build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, description), {
    jsonDocumentUrl: 'api/openapi.json',
    yamlDocumentUrl: 'api/openapi.yaml',
    customSiteTitle: 'Gridwarden API',
  });
}

/**
 * Until people and keys exist, being on this machine is the only right to read and write here, and a web page opened
 * on this machine must not borrow it: neither under a name of its own that it lets resolve to 127.0.0.1 (DNS rebinding:
 * the Host header gives it away), nor by posting across sites.
 */
function refuseForeignPages(request: Request, _response: Response, next: NextFunction): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isLocalName(request.hostname)) {
    next(new HttpException(`This service answers to localhost only, not to ${request.hostname}.`, 421));
  } else if (!isRead && request.get('sec-fetch-site') === 'cross-site') {
    next(new HttpException('Another site may not write here.', 403));
  } else {
    next();
  }
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
