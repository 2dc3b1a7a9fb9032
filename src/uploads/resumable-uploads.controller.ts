import { randomUUID } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Controller, Delete, Head, Inject, Options, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FileStore } from '@tus/file-store';
import { Server, Upload, type ServerOptions } from '@tus/server';
import type { Request, Response } from 'express';
import { auditActor, CurrentCaller, type Caller } from '../access/caller.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { RefusedError, UsageError } from '../config/errors.js';
import { DATABASE } from '../database/database.token.js';
import type { Database } from '../database/open-database.js';
import { Allow } from '../rights/allow.decorator.js';
import { finishResumable, tusError } from './finish-resumable.js';
import { PieceStore } from './piece-store.js';
import { spoolIn } from './spool.js';
import { UploadLoader } from './upload-loader.service.js';

const PATH = '/api/v1/resumable-uploads';
/** What nobody has gone on with for so long is forgotten. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** In the metadata of a file that has become an upload: which. */
const DONE = 'gridwarden-upload';

interface Opened {
  readonly server: Server;
  readonly store: FileStore;
}

type Handed = Parameters<NonNullable<ServerOptions['onUploadFinish']>>[0];

/**
 * Uploads by the tus protocol (1.0: creation, termination, expiration): a connection that breaks is gone on with from where the
 * service has it. When the last byte is there the file takes the way of every upload. Which upload is meant stands in the query
 * (`?id=`), as its Location says; a caller reaches those of their own utility only.
 */
@ApiExcludeController()
@Controller(PATH)
export class ResumableUploadsController {
  private readonly callers = new WeakMap<IncomingMessage, Caller>();
  private opened: Promise<Opened> | null = null;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly loader: UploadLoader,
  ) {}

  @Options()
  @Allow('utility')
  options(@CurrentCaller() caller: Caller, @Req() request: Request, @Res() response: Response) {
    return this.handle(caller, request, response);
  }

  @Post()
  @Allow('utility')
  create(@CurrentCaller() caller: Caller, @Req() request: Request, @Res() response: Response) {
    return this.handle(caller, request, response);
  }

  @Head()
  @Allow('utility')
  offset(@CurrentCaller() caller: Caller, @Req() request: Request, @Res() response: Response) {
    return this.handle(caller, request, response);
  }

  @Patch()
  @Allow('utility')
  goOn(@CurrentCaller() caller: Caller, @Req() request: Request, @Res() response: Response) {
    return this.handle(caller, request, response);
  }

  @Delete()
  @Allow('utility')
  forget(@CurrentCaller() caller: Caller, @Req() request: Request, @Res() response: Response) {
    return this.handle(caller, request, response);
  }

  private async handle(caller: Caller, request: Request, response: Response): Promise<void> {
    this.callers.set(request, caller);
    this.opened ??= this.open();
    const { server, store } = await this.opened;
    if (request.method === 'HEAD') await this.finishIfWhole(store, caller, request);
    if (request.method === 'POST') void server.cleanUpExpiredUploads().catch(() => {});
    await server.handle(request, response);
  }

  private async open(): Promise<Opened> {
    const directory = await spoolIn(this.config).piecesFolder();
    const store = new PieceStore({ directory, expirationPeriodInMilliseconds: KEPT_MS });
    const server = new Server({
      path: PATH,
      datastore: store,
      maxSize: this.config.uploadMaxBytes,
      relativeLocation: true,
      allowedOrigins: [],
      generateUrl: (_request, { path, id }) => `${path}?id=${encodeURIComponent(id)}`,
      namingFunction: (request) => `${prefixOf(this.callerOf(request))}${randomUUID()}`,
      getFileIdFromRequest: (request) => {
        const id = new URL(request.url).searchParams.get('id');
        return ownId(this.callerOf(request), id) ?? undefined;
      },
      onUploadFinish: async (request, { id }) => {
        const upload = await this.finish(store, this.callerOf(request), id);
        return { headers: { 'Gridwarden-Upload': `/api/v1/uploads/${upload}` } };
      },
      onResponseError: (_request, error) => tusError(error),
    });
    return { server, store };
  }

  /** All bytes are here, and we were killed or the database was away before that was an upload: it becomes one now. */
  private async finishIfWhole(store: FileStore, caller: Caller, request: Request): Promise<void> {
    const id = ownId(caller, typeof request.query.id === 'string' ? request.query.id : null);
    if (id === null) return;
    const upload = await store.getUpload(id).catch(() => null);
    if (upload === null || upload.size !== upload.offset || upload.metadata?.[DONE] !== undefined) return;
    await this.finish(store, caller, id);
  }

  /** The file becomes an upload; what is kept of the pieces takes no room, and still tells a client that all has arrived. */
  private async finish(store: FileStore, caller: Caller, id: string): Promise<number> {
    const upload = await store.getUpload(id);
    const { metadata = {}, size = 0 } = upload;
    const path = join(store.directory, id);
    try {
      const uploadId = await finishResumable(this.database, spoolIn(this.config), this.config, {
        path,
        metadata,
        utility: caller.utility!.code,
        sender: auditActor(caller),
      });
      await store.configstore.set(
        id,
        new Upload({ ...upload, metadata: { ...metadata, [DONE]: `${uploadId}` } }),
      );
      await truncate(path, 0);
      await truncate(path, size);
      this.loader.look();
      return uploadId;
    } catch (error) {
      // It will never be taken: the client is to begin anew.
      if (error instanceof RefusedError || error instanceof UsageError)
        await store.remove(id).catch(() => {});
      throw error;
    }
  }

  private callerOf(request: Handed): Caller {
    return this.callers.get(request.runtime!.node!.req as IncomingMessage)!;
  }
}

/** The id that a request names, when it is one of the caller's utility; else it is as if there were none. */
function ownId(caller: Caller, id: string | null): string | null {
  return id !== null && /^u\d+\.[\w-]{36}$/.test(id) && id.startsWith(prefixOf(caller)) ? id : null;
}

function prefixOf({ utility }: Caller): string {
  return `u${utility!.id}.`;
}
