import { kwh } from '../phrases.js';
import { formatNumber, pluralEn, pluralRu } from '../text.js';
import { mean, ramp, rampLog, roundTo, SIGMA_PER_MAD } from '../../../readings/domain/numeric.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type PeersSettings = {
  /** Fewer comparable points than this make no comparison. */
  minPeers: number;
};

export type PeersObserved = {
  peers: number;
  dailyKwh: number;
  peersDailyKwh: number;
  /** Own ÷ the peers' median day. */
  timesPeers: number;
  robustZ: number;
  floorKw: number;
  peersFloorKw: number;
  peersFloorP90Kw: number;
};

/**
 * The load beside that of comparable points: same territory, tariff category and heating.
 *
 * Formula over the last 14 days: times = own mean daily kWh ÷ the peers' median daily kWh on the same days; robust z
 * = (own − median) ÷ (1.4826 MAD) of the peers' mean daily kWh.
 * Source: the Irkutsk procedure of June 2025, "at least twice comparable objects".
 * Worked example: 90 kWh a day where peers' median is 15 kWh and their MAD 5 kWh → 6 times, z = 10.1.
 */
export const peers: Detector<'peers', PeersSettings, PeersObserved> = {
  name: 'peers',
  version: 1,
  defaults: { minPeers: 8 },

  detect(input, { recent, days }, settings): FindingOf<PeersObserved> | null {
    const group = input.surroundings.peers;
    if (!recent || !group || group.size < settings.minPeers) return null;
    const peersDailyKwh = mean(group.dailyKwhMedian, recent.fromDay, days);
    if (!(peersDailyKwh > 0)) return null;
    const dailyKwh = recent.meanKw * 24;
    // A group that agrees to the watt-hour has no spread: a tenth of its median keeps z finite.
    const sigmaKwh = Math.max(SIGMA_PER_MAD * group.meanDailyKwh.mad, 0.1 * peersDailyKwh);
    return finding(this, {
      input,
      settings,
      from: recent.fromDay,
      to: days,
      sinceDay: null,
      observed: {
        peers: group.size,
        dailyKwh: roundTo(dailyKwh, 1),
        peersDailyKwh: roundTo(peersDailyKwh, 1),
        timesPeers: roundTo(dailyKwh / peersDailyKwh, 2),
        robustZ: roundTo((dailyKwh - peersDailyKwh) / sigmaKwh, 1),
        floorKw: roundTo(recent.floorKw, 2),
        peersFloorKw: roundTo(group.floorKw.median, 2),
        peersFloorP90Kw: roundTo(group.floorKw.p90, 2),
      },
    });
  },

  strength: ({ timesPeers, robustZ, floorKw, peersFloorP90Kw }, { blind, winter, pausing }) => {
    // Twice as much in peaks is a big family; twice as much with a floor above nearly all peers' is not.
    const floor = 0.4 + 0.6 * ramp(floorKw / Math.max(peersFloorP90Kw, 0.3), 1, 2);
    // In deep winter an undeclared heater is as far from its neighbours.
    const more = rampLog(timesPeers, 1.4, 4) * ramp(robustZ, 1, 4) * floor * (1 - 0.5 * winter);
    // Among shops a refrigerator's floor is usual: the stronger word where there is a floor to explain.
    const usualFloor = 1 - ramp(floorKw / Math.max(peersFloorP90Kw, 0.1), 1, 1.8);
    const usual = 0.4 + 0.6 * ramp(floorKw, 0.4, 1) * usualFloor;
    // Beside heated homes a farm looks small; and what pauses was never said to be much.
    const moot = 1 - 0.75 * Math.max(blind, pausing);
    return more - (1 - ramp(timesPeers, 0.8, 2)) * usual * moot;
  },

  say: (o, logOdds) => {
    const usual = logOdds < 0 ? { ru: ': ничего необычного', en: ': nothing unusual' } : { ru: '', en: '' };
    const points = {
      ru: `${o.peers} ${pluralRu(o.peers, 'сопоставимой точки', 'сопоставимых точек', 'сопоставимых точек')}`,
      en: `${o.peers} comparable ${pluralEn(o.peers, 'point', 'points')}`,
    };
    return {
      ru: `В среднем ${kwh(o.dailyKwh).ru} в день, медиана ${points.ru} ${kwh(o.peersDailyKwh).ru}: отношение ${formatNumber(o.timesPeers, 'ru', 1)}${usual.ru}.`,
      en: `${kwh(o.dailyKwh).en} a day on average, the median of ${points.en} is ${kwh(o.peersDailyKwh).en}: a ratio of ${formatNumber(o.timesPeers, 'en', 1)}${usual.en}.`,
    };
  },
};
