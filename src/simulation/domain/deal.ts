import { Random } from './random.js';

/** How many of its kind lie in one deck. */
export interface Card {
  readonly cards: number;
}

/**
 * Deals kinds like cards: every run of one deck's length holds each kind exactly as often as the deck does, in an order
 * drawn from the seed. What lies at an index depends on seed, label and index alone, and a small region already has
 * every kind, which independent draws would not give it.
 */
export function dealer<T extends Card>(
  seed: number,
  label: string,
  kinds: readonly T[],
): (index: number) => T {
  const deck = kinds.flatMap((kind) => Array.from({ length: kind.cards }, () => kind));
  let shuffled = deck;
  let shuffledFor = -1;
  return (index) => {
    const round = Math.floor(index / deck.length);
    if (round !== shuffledFor) {
      shuffled = shuffle(deck, new Random(seed, label, round));
      shuffledFor = round;
    }
    return shuffled[index - round * deck.length];
  };
}

/**
 * Picks exactly one index, drawn from the seed, out of every `every` consecutive ones; answers which pick it is (0, 1,
 * 2 …) or null when the index was not picked.
 */
export function onePerBlock(seed: number, label: string, every: number): (index: number) => number | null {
  let picked = -1;
  let pickedFor = -1;
  return (index) => {
    const block = Math.floor(index / every);
    if (block !== pickedFor) {
      picked = block * every + new Random(seed, label, block).whole(0, every - 1);
      pickedFor = block;
    }
    return index === picked ? block : null;
  };
}

/** Fisher–Yates on a copy. */
function shuffle<T>(deck: readonly T[], random: Random): T[] {
  const shuffled = [...deck];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = random.whole(0, last);
    const swapped = shuffled[last];
    shuffled[last] = shuffled[other]!;
    shuffled[other] = swapped;
  }
  return shuffled;
}
