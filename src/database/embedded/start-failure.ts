/** What PostgreSQL's own words mean for the person who starts Gridwarden: first match wins. */
const MEANINGS: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [/No space left on device/, 'The disk is full.'],
  [
    /error while loading shared libraries|Library not loaded/,
    'Its libraries are incomplete; run npm rebuild.',
  ],
  [
    /version `?GLIBC|ENOEXEC|symbol not found/,
    'Its binaries do not fit this system; set DATABASE_URL to a PostgreSQL of your own.',
  ],
  [
    /could not look up effective user ID/,
    'The user it runs as has no entry in /etc/passwd; add one or set DATABASE_URL.',
  ],
  [
    /database files are incompatible with server/,
    'The data folder was made by another version of PostgreSQL.',
  ],
  [/lock file .* already exists/, 'Another process holds its lock file postmaster.pid.'],
  [/Permission denied|EACCES/, 'It may not read or write its folder.'],
  [/Read-only file system/, 'Its folder is on a read-only file system.'],
  [/could not map anonymous shared memory|Cannot allocate memory/, 'There is not enough memory.'],
];

const LINES_SHOWN = 3;

/** One paragraph from PostgreSQL's output: what it means, where it is known, and the last lines that say so. */
export function explainOutput(output: string): string {
  const meaning = MEANINGS.find(([pattern]) => pattern.test(output))?.[1];
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /FATAL|PANIC|error|could not/i.test(line));
  const shown = (telling.length > 0 ? telling : lines).slice(-LINES_SHOWN).join(' | ');
  return [meaning, shown === '' ? 'It printed nothing.' : `It printed: ${shown}`].filter(Boolean).join(' ');
}

/** The port was taken by somebody else: not a failure, another one is tried. */
export function isPortTaken(output: string): boolean {
  return /could not bind .*Address already in use|could not create any TCP\/IP sockets/.test(output);
}

/** Passes by itself: the old server's processes or its lock are still going away. */
export function isPassing(output: string): boolean {
  return /pre-existing shared memory block|lock file .* already exists|lock file .* is empty/.test(output);
}
