/**
 * The sizing table of docs/scale-out.md, from what was measured: `node scripts/sizing.mjs`. test/database/sizing.spec.ts
 * holds the page against it.
 */

/** Bytes in the database: a region of 4,000 points × 90 days hourly, taken in and scored; keys and seals included. */
const DAY_ROW_BYTES = 142;
const SEAL_BYTES = 20;
const CLOSED_MONTH_BYTES = 1_665;
const SCORE_BYTES = 488;
const JUDGEMENT_BYTES = 137;
const REGISTRY_BYTES = 244;
/** The received file of a wide CSV, kept byte for byte: bytes for a point and day. */
const FILE_DAY_BYTES = 163;

/** On two cores: `ingest` of 71 million readings of a million points, wide (docs/performance.md). */
const INGESTED_READINGS_PER_S = 3.0e6;
/** On two cores, a run over points of 90 days: nothing changed, and every row to be written (docs/performance.md). */
const SCORED_POINTS_PER_S = 5_900;
const WRITTEN_POINTS_PER_S = 3_300;

const DAYS = 365;
const HOURS = 24;
/** Closed months that a window of 400 days reaches. */
const MONTHS_KEPT = 13;
/** That all times are of. */
const CORES = 2;
/** How long the nightly scoring of everything may take. */
const SCORING_S = 3_600;

const bytesPerPointYear =
  DAYS * (DAY_ROW_BYTES + SEAL_BYTES) +
  MONTHS_KEPT * CLOSED_MONTH_BYTES +
  12 * JUDGEMENT_BYTES +
  SCORE_BYTES +
  REGISTRY_BYTES;

export function sizingTable() {
  const rows = [1e4, 1e6, 7e7].map((points) => {
    const scoringS = points / SCORED_POINTS_PER_S;
    return [
      points.toLocaleString('en'),
      size(points * bytesPerPointYear),
      size(points * DAYS * FILE_DAY_BYTES),
      duration((points * HOURS) / INGESTED_READINGS_PER_S),
      `${duration(scoringS)} – ${duration(points / WRITTEN_POINTS_PER_S)}`,
      String(CORES * Math.max(1, Math.ceil(scoringS / SCORING_S))),
    ];
  });
  const head = [
    'points',
    'database, first year',
    'received files, a year',
    'taking in a day',
    'scoring everything, two cores',
    'cores, to score within an hour',
  ];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function size(bytes) {
  const [unit, name] = bytes >= 1e12 ? [1e12, 'TB'] : [1e9, 'GB'];
  return `${Number((bytes / unit).toPrecision(2))} ${name}`;
}

function duration(seconds) {
  if (seconds < 1) return 'under 1 s';
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Number((seconds / 3_600).toPrecision(2))} h`;
}

if (process.argv[1] === import.meta.filename) console.log(sizingTable());
