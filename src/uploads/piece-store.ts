import { statfs } from 'node:fs/promises';
import { FileStore } from '@tus/file-store';

/** As tus answers it, and as other uploads are answered. */
export const DISK_FULL = {
  status_code: 507,
  body: 'The disk of the service is full: make room there, then send this again.\n',
};

/** Less than this is no room: what a file system keeps for itself, or cuts off at its blocks. */
const NO_ROOM_BYTES = 1 << 16;

/** Says what its base class leaves out when it can't write: that the disk is full. What fitted stays, and the client goes on there. */
export class PieceStore extends FileStore {
  override async write(...piece: Parameters<FileStore['write']>): Promise<number> {
    try {
      return await super.write(...piece);
    } catch (error) {
      const { bavail, bsize } = await statfs(this.directory);
      throw bavail * bsize < NO_ROOM_BYTES ? DISK_FULL : error;
    }
  }
}
