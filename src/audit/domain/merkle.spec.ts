import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  consistencyPath,
  EMPTY_ROOT,
  GrowingTree,
  inclusionPath,
  keptSubtreesOf,
  leafHash,
  nodeHash,
  peaksOf,
  provesConsistency,
  provesInclusion,
  rangeHash,
  type LeafRange,
  type Subtree,
} from './merkle.js';

/** Inputs and roots of the certificate-transparency reference implementation (merkle_tree_test.cc). */
const INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the tree of RFC 6962', () => {
  it.each(ROOTS.map((root, at) => ({ size: at + 1, root })))('of $size leaves', ({ size, root }) => {
    const tree = new GrowingTree();
    for (const input of INPUTS.slice(0, size)) tree.add(leafHash(input));
    expect(tree.root().toString('hex')).toBe(root);
    expect(tree.size).toBe(size);
  });

  it('without leaves is the hash of nothing', () => {
    expect(new GrowingTree().root()).toEqual(createHash('sha256').digest());
  });
});

/** As the RFC writes it, without any shortcut. */
function slowRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0];
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return nodeHash(slowRoot(leaves.slice(0, half)), slowRoot(leaves.slice(half)));
}

const LEAVES = Array.from({ length: 300 }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));

/** A tree with the subtrees it told of, as the database keeps them. */
function grown(size: number) {
  const kept = new Map<string, Buffer>();
  const tree = new GrowingTree();
  for (const leaf of LEAVES.slice(0, size))
    tree.add(leaf, ({ level, index }, hash) => kept.set(`${level} ${index}`, hash));
  const hashOf = ({ level, index }: Subtree): Buffer =>
    level === 0 ? LEAVES[index] : (kept.get(`${level} ${index}`) ?? Buffer.alloc(0));
  const over = (ranges: readonly LeafRange[]) => ranges.map((range) => rangeHash(range, hashOf));
  return { tree, hashOf, over };
}

describe('kept subtrees', () => {
  it.each([0, 1, 2, 15, 16, 17, 255, 256, 257, 300])('a tree of %d grows on from them', (size) => {
    const { tree, hashOf } = grown(size);
    const resumed = new GrowingTree(size, hashOf);
    expect(resumed.root()).toEqual(slowRoot(LEAVES.slice(0, size)));
    expect(resumed.root()).toEqual(tree.root());
    resumed.add(leafHash(Buffer.from('one more')));
    expect(resumed.size).toBe(size + 1);
  });

  it('are few: 15 for each four levels of a peak', () => {
    expect(keptSubtreesOf({ start: 0, end: 256 })).toEqual([{ level: 8, index: 0 }]);
    expect(keptSubtreesOf({ start: 0, end: 128 })).toHaveLength(8);
    expect(peaksOf(300)).toEqual([
      { start: 0, end: 256 },
      { start: 256, end: 288 },
      { start: 288, end: 296 },
      { start: 296, end: 300 },
    ]);
  });
});

describe('proofs', () => {
  const sizes = [1, 2, 3, 7, 8, 9, 31, 64, 65, 100];

  it.each(sizes)('every leaf of %d is proved to be in, and no other one', (size) => {
    const { tree, over } = grown(size);
    const head = { size, root: tree.root() };
    for (let seq = 0; seq < size; seq++) {
      const path = over(inclusionPath(seq, size));
      expect(provesInclusion({ seq, hash: LEAVES[seq] }, head, path)).toBe(true);
      expect(provesInclusion({ seq, hash: LEAVES[seq + 1] }, head, path)).toBe(false);
      expect(provesInclusion({ seq: seq + 1, hash: LEAVES[seq] }, head, path)).toBe(false);
      expect(provesInclusion({ seq, hash: LEAVES[seq] }, head, [...path, LEAVES[0]])).toBe(false);
      if (path.length > 0)
        expect(provesInclusion({ seq, hash: LEAVES[seq] }, head, path.slice(1))).toBe(false);
    }
  });

  it.each(sizes)('the tree of %d continues every smaller one, and no other', (size) => {
    const { tree, over } = grown(size);
    const head = { size, root: tree.root() };
    for (let older = 0; older <= size; older++) {
      const before = { size: older, root: slowRoot(LEAVES.slice(0, older)) };
      const path = over(consistencyPath(older, size));
      expect(provesConsistency(before, head, path)).toBe(true);
      if (older === 0) continue;
      const other = { size: older, root: slowRoot(LEAVES.slice(1, older + 1)) };
      expect(provesConsistency(other, head, path)).toBe(false);
      expect(provesConsistency(head, before, path)).toBe(older === size);
      if (path.length > 0) expect(provesConsistency(before, head, path.slice(0, -1))).toBe(false);
    }
  });
});
