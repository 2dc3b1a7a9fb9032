import type { Random } from './random.js';
import type { Scene } from './scene.js';

/** How an hour's reading is delivered. */
export const PRESENT = 0;
/** The row is there and its value is blank. */
export const BLANK = 1;
/** There is no row. */
export const ABSENT = 2;

/** Marks the hours that a meter did not deliver. */
export type Gaps = (scene: Scene, random: Random, delivery: Uint8Array) => void;

/** Now and then a concentrator loses a few hours. */
export const rareGaps: Gaps = (scene, random, delivery) => {
  if (!random.chance(0.05)) return;
  lose(random, delivery, random.whole(0, scene.hours - 1), random.whole(1, 12));
};

/** A bad radio link: hours, and stretches of days. */
export const manyGaps: Gaps = (scene, random, delivery) => {
  for (let day = 0; day < scene.days; day++) {
    if (random.chance(0.1)) lose(random, delivery, day * 24 + random.whole(0, 23), random.whole(1, 10));
    if (random.chance(0.02)) lose(random, delivery, day * 24, 24 * random.whole(1, 6));
  }
};

/** The meter was changed: nothing for one to four days, then its successor goes on. */
export const meterSwap: Gaps = (scene, random, delivery) => {
  const from = Math.floor(scene.hours * random.between(0.2, 0.8));
  delivery.fill(ABSENT, from, from + random.whole(20, 96));
};

function lose(random: Random, delivery: Uint8Array, from: number, hours: number): void {
  delivery.fill(random.pick([BLANK, ABSENT]), from, from + hours);
}
