/** What the rulebook says of mining at home in a place. */
export type PlaceLaw = 'banned' | 'quota_only';

export interface Climate {
  /** Mean outdoor temperature of the coldest and the warmest month, °C. */
  readonly januaryC: number;
  readonly julyC: number;
  /** Half the usual distance between the night's lowest and the afternoon's highest temperature, K. */
  readonly dayNightK: number;
  /** Standard deviation of a day's mean around the season's mean, K, in winter and in summer. */
  readonly winterSpreadK: number;
  readonly summerSpreadK: number;
}

export interface Place {
  /** OKTMO of the municipality, or ISO 3166-2 where the law is the whole region's. */
  readonly code: string;
  readonly name: string;
  readonly offsetMinutes: number;
  readonly law: PlaceLaw;
  readonly setting: 'town' | 'village';
  readonly climate: Climate;
}

/*
 * Climates are rounded long-term means of the nearest weather station, from general knowledge: good enough for loads,
 * not for meteorology. None of these zones has had summer time since 2014, so an offset says all.
 */
const ANGARA: Climate = { januaryC: -18, julyC: 18.5, dayNightK: 5, winterSpreadK: 5.5, summerSpreadK: 3 };
const UPPER_LENA: Climate = { januaryC: -24, julyC: 17.5, dayNightK: 6, winterSpreadK: 6, summerSpreadK: 3 };
const BALAGAN_STEPPE: Climate = { ...UPPER_LENA, januaryC: -21, julyC: 18.5 };
const BAIKAL_SHORE: Climate = {
  januaryC: -15,
  julyC: 15,
  dayNightK: 3.5,
  winterSpreadK: 5,
  summerSpreadK: 2.5,
};
const OB: Climate = { januaryC: -16.5, julyC: 19.5, dayNightK: 4.5, winterSpreadK: 6, summerSpreadK: 3 };
const CASPIAN: Climate = { januaryC: 1.5, julyC: 25.5, dayNightK: 3.5, winterSpreadK: 3.5, summerSpreadK: 2 };

const BALAGANSKY = inIrkutskOblast('25501000', 'Балаганский район', 'village', BALAGAN_STEPPE);
const IRKUTSK = inIrkutskOblast('25701000', 'город Иркутск', 'town', ANGARA);
const ANGARSK = inIrkutskOblast('25703000', 'Ангарский городской округ', 'town', ANGARA);
const KACHUGSKY = inIrkutskOblast('25518000', 'Качугский район', 'village', UPPER_LENA);
const SLYUDYANSKY = inIrkutskOblast('25634000', 'Слюдянский район', 'village', BAIKAL_SHORE);
const NOVOSIBIRSK: Place = {
  code: 'RU-NVS',
  name: 'Новосибирская область',
  offsetMinutes: 420,
  law: 'quota_only',
  setting: 'town',
  climate: OB,
};
const DAGESTAN: Place = {
  code: 'RU-DA',
  name: 'Республика Дагестан',
  offsetMinutes: 180,
  law: 'banned',
  setting: 'village',
  climate: CASPIAN,
};

/**
 * The places in the order in which transformers stand in them, over and over: seven in ten in the south of Irkutsk
 * oblast, where the ban is municipal, two under the quota only, one under a region's ban. The first four have all three
 * laws, so that a region of 300 points has them too.
 */
export const PLACES: readonly Place[] = [
  BALAGANSKY,
  IRKUTSK,
  NOVOSIBIRSK,
  DAGESTAN,
  ANGARSK,
  KACHUGSKY,
  IRKUTSK,
  SLYUDYANSKY,
  NOVOSIBIRSK,
  ANGARSK,
];

/** One of the 29 municipalities where mining is banned since 7 April 2025. */
function inIrkutskOblast(code: string, name: string, setting: Place['setting'], climate: Climate): Place {
  return { code, name, offsetMinutes: 480, law: 'banned', setting, climate };
}
