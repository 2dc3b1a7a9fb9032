import { describe, expect, it } from '@jest/globals';
import { dayFromCivil } from '../../grid/domain/calendar.js';
import { emptyLoad, simulatePoint } from './point-load.js';
import { type PointPlan, regionPlan, type TransformerPlan } from './region-plan.js';
import { sceneOf } from './scene.js';

const SETTINGS = { seed: 3, points: 6_000, firstDay: dayFromCivil(2026, 8, 1), days: 60, minerShare: 0.02 };
const TRANSFORMERS = [...regionPlan(SETTINGS)];

interface Farm {
  readonly transformer: TransformerPlan;
  readonly points: readonly PointPlan[];
}

function farms(kind: string): Farm[] {
  return TRANSFORMERS.flatMap((transformer) => {
    const members = transformer.points.filter(({ miner, farm }) => farm && miner?.name === kind);
    const leaders = new Set(members.map(({ farm }) => farm!.leader));
    return [...leaders].map((leader) => ({
      transformer,
      points: members
        .filter(({ farm }) => farm!.leader === leader)
        .sort((a, b) => a.farm!.member - b.farm!.member),
    }));
  });
}

function simulated({ transformer, points }: Farm) {
  const scene = sceneOf(SETTINGS.seed, transformer.place, SETTINGS.firstDay, SETTINGS.days);
  return points.map((point) => {
    const load = emptyLoad(scene.hours);
    const { mining } = simulatePoint(SETTINGS.seed, scene, point, load);
    return { mining: mining!, rigsKw: load.rigsKw };
  });
}

describe('a farm over several points', () => {
  it('split: two or three meters of one household, whose rigs start and stop together', () => {
    const split = farms('split_points');
    expect(split.length).toBeGreaterThan(3);
    let togetherHours = 0;
    let aloneHours = 0;
    for (const farm of split) {
      expect(farm.points.length).toBeGreaterThanOrEqual(2);
      expect(farm.points.length).toBeLessThanOrEqual(3);
      expect(new Set(farm.points.map(({ household }) => household)).size).toBe(1);
      const members = simulated(farm);
      expect(new Set(members.map(({ mining }) => mining.onsetHour)).size).toBe(1);
      // 6,000 kWh in 31 days are 8.06 kW.
      for (const { mining } of members) expect(mining.kw).toBeLessThan(8.06);
      const { onsetHour } = members[0].mining;
      for (let hour = Math.max(0, onsetHour); hour < SETTINGS.days * 24; hour++) {
        const off = members.filter(({ rigsKw }) => rigsKw[hour] === 0).length;
        if (off === members.length) togetherHours++;
        else if (off > 0) aloneHours++;
      }
    }
    // A single rig also breaks down alone.
    expect(togetherHours).toBeGreaterThan(50);
    expect(togetherHours).toBeGreaterThan(aloneHours);
  });

  it('moved: the same rigs, later, in another household’s garage with another tariff', () => {
    const moved = farms('moved_to_garage');
    expect(moved.length).toBeGreaterThan(1);
    for (const farm of moved) {
      expect(farm.points.map(({ archetype }) => archetype.dwelling)).toEqual(['house', 'garage']);
      expect(farm.points[1].archetype.tariff).toBe('commercial');
      expect(farm.points[1].household).not.toBe(farm.points[0].household);
      const [from, to] = simulated(farm);
      expect(to.mining.kw).toBe(from.mining.kw);
      expect(to.mining.onsetHour).toBeGreaterThan(from.mining.onsetHour);
      const both = from.rigsKw.filter((kw, hour) => kw > 0 && to.rigsKw[hour] > 0);
      expect(both).toHaveLength(0);
    }
  });

  it('takes nobody’s place who mines already, and all its points are registered and read', () => {
    const all = TRANSFORMERS.flatMap(({ points }) => points);
    for (const { isUnread, isUnregistered, isUnlawful } of all.filter(({ farm }) => farm)) {
      expect([isUnread, isUnregistered, isUnlawful]).toEqual([false, false, true]);
    }
    const miners = all.filter(({ isUnlawful, farm }) => isUnlawful && (farm?.member ?? 0) === 0);
    expect(miners).toHaveLength(SETTINGS.points * SETTINGS.minerShare);
  });

  it('leaves room for every other way of mining: two and more of each in 3,000 points', () => {
    const counts = new Map<string, number>();
    for (const { miner, index } of TRANSFORMERS.flatMap(({ points }) => points)) {
      if (miner && index < 3_000) counts.set(miner.name, (counts.get(miner.name) ?? 0) + 1);
    }
    expect(counts.size).toBe(18);
    expect(Math.min(...counts.values())).toBeGreaterThan(1);
  });
});
