import os from 'node:os';

/**
 * What we need of the server, given on its command line so that every version brings its own. Durability is not touched:
 * fsync, full_page_writes and synchronous_commit keep their default, on. wal_compression too: these binaries know only
 * pglz, which costs more time than it saves on two cores.
 */
export function settingArguments(port: number): string[] {
  const memoryMb = memoryBytes() / 2 ** 20;
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    // Nobody needs a socket file, and the path of a deep checkout is longer than the 107 bytes a socket's may have.
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: `${clamp(memoryMb / 8, 64, 2048)}MB`,
    effective_cache_size: `${clamp(memoryMb / 2, 256, 65_536)}MB`,
    maintenance_work_mem: `${clamp(memoryMb / 32, 32, 512)}MB`,
    work_mem: '16MB',
    // Loading writes much in bursts: fewer checkpoints mean fewer full page images. Bounds the log on disk to about this.
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    // The binaries have no compiler for it.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] %a: ',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** What this process may use: a container's limit where there is one. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}

function clamp(value: number, low: number, high: number): number {
  return Math.round(Math.min(Math.max(value, low), high));
}
