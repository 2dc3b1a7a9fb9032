import { seeded } from './seeded.js';

/*
 * Isolation forest (Liu, Ting, Zhou: Isolation Forest, ICDM 2008): a point that few random cuts set apart is unusual. A
 * baseline to be ahead of, nothing of ours depends on it.
 */

export interface ForestSettings {
  readonly trees: number;
  /** Points drawn without replacement for one tree. */
  readonly samples: number;
  readonly seed: number;
}

export const FOREST: ForestSettings = { trees: 100, samples: 256, seed: 7 };

/**
 * Anomaly of each row, 0 to 1: 2^(−mean path length ÷ c(samples)). About 0.5 everywhere means that nothing stands out.
 * Features are cut at random between a node's smallest and largest value, so their units do not matter; NaN must be
 * filled by the caller. Trees stop at the height ⌈log₂ samples⌉ and count c(n) for the n points left in a leaf.
 */
export function isolationScores(
  rows: readonly Float64Array[],
  settings: ForestSettings = FOREST,
): Float64Array {
  const random = seeded(settings.seed);
  const samples = Math.min(settings.samples, rows.length);
  const depths = new Float64Array(rows.length);
  for (let tree = 0; tree < settings.trees; tree++) {
    const root = grow(draw(rows, samples, random), Math.ceil(Math.log2(Math.max(2, samples))), random);
    for (let at = 0; at < rows.length; at++) depths[at] += pathLength(root, rows[at]);
  }
  const usual = averagePath(samples) * settings.trees;
  return depths.map((depth) => 2 ** (-depth / usual));
}

/**
 * c(n): mean path length of an unsuccessful search in a binary search tree of n points, 2·H(n−1) − 2(n−1)/n with
 * H(i) ≈ ln i + 0.5772156649 (the paper's equation 1). Worked example: c(256) = 10.2448; c(2) = 1.
 */
export function averagePath(points: number): number {
  if (points <= 1) return 0;
  if (points === 2) return 1;
  return 2 * (Math.log(points - 1) + 0.5772156649015329) - (2 * (points - 1)) / points;
}

type Node = Leaf | Cut;

interface Leaf {
  readonly points: number;
}

interface Cut {
  readonly feature: number;
  readonly below: number;
  readonly left: Node;
  readonly right: Node;
}

function grow(rows: readonly Float64Array[], height: number, random: () => number): Node {
  if (height === 0 || rows.length <= 1) return { points: rows.length };
  const spread = spreadFeatures(rows);
  if (spread.length === 0) return { points: rows.length };
  const { feature, least, most } = spread[Math.floor(random() * spread.length)];
  const below = least + random() * (most - least);
  const left = rows.filter((row) => row[feature] <= below);
  const right = rows.filter((row) => row[feature] > below);
  return { feature, below, left: grow(left, height - 1, random), right: grow(right, height - 1, random) };
}

/** Features that can still be cut here. */
function spreadFeatures(rows: readonly Float64Array[]): { feature: number; least: number; most: number }[] {
  return Array.from(rows[0], (_, feature) => {
    let least = Infinity;
    let most = -Infinity;
    for (const row of rows) {
      least = Math.min(least, row[feature]);
      most = Math.max(most, row[feature]);
    }
    return { feature, least, most };
  }).filter(({ least, most }) => most > least);
}

function pathLength(root: Node, row: Float64Array): number {
  let node = root;
  let cuts = 0;
  while ('feature' in node) {
    node = row[node.feature] <= node.below ? node.left : node.right;
    cuts++;
  }
  return cuts + averagePath(node.points);
}

/** Without replacement: the first of a partial Fisher–Yates shuffle. */
function draw(rows: readonly Float64Array[], count: number, random: () => number): Float64Array[] {
  const left = [...rows];
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random() * (left.length - at));
    [left[at], left[other]] = [left[other], left[at]];
  }
  return left.slice(0, count);
}
