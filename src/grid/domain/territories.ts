/**
 * The federal subjects of Russia as the registry names them: by ISO 3166-2 code or by OKTMO, the municipal
 * classifier (ОК 033-2013), whose first digits are the region, the first five the municipality.
 */
import { fixedZone, parseZone, type Zone } from './time-zone.js';

/** A federal subject, or a territory that Russian law counts as one. */
export interface Region {
  /**
   * ISO 3166-2 code; where ISO has no Russian code, the region's 8-digit OKTMO. Those are Crimea and Sevastopol and the
   * four territories annexed in 2022, all listed by ISO under Ukraine (UA-43, UA-40, UA-14, UA-09, UA-23, UA-65).
   */
  readonly code: string;
  /** Leading digits of its OKTMO: two, or three for the okrugs that lie inside another region. */
  readonly oktmoPrefix: string;
  readonly nameRu: string;
  readonly nameEn: string;
  readonly ianaZone: string;
}

/** Where a metering point lies. */
export interface Territory {
  /** How it is stored: the region's code, the OKTMO, or a foreign ISO 3166-2 code. */
  readonly code: string;
  /** {@link Region.code}; for a foreign territory its own code. */
  readonly region: string;
  /** 8 or 11 digits when the municipality is known, else null. */
  readonly oktmo: string | null;
  readonly zone: Zone;
  readonly nameRu: string;
  readonly nameEn: string;
}

// Codes: ISO 3166-2:RU and OKTMO ОК 033-2013. Zones: tzdata 2025b (zone1970.tab).
// Three regions keep several clocks and are given their capital's: Sakha (Yakutsk +9; its east +10 and +11), because the
// OKTMO codes of its districts could not be checked; Sakhalin with the North Kurils and Krasnoyarsk with its okrugs keep
// one clock today. The four territories annexed in 2022 keep Moscow time de facto (unverified); tzdata has Europe/Kyiv.
const REGIONS: readonly Region[] = [
  ['RU-ALT', '01', 'Алтайский край', 'Altai Krai', 'Asia/Barnaul'],
  ['RU-KDA', '03', 'Краснодарский край', 'Krasnodar Krai', 'Europe/Moscow'],
  ['RU-KYA', '04', 'Красноярский край', 'Krasnoyarsk Krai', 'Asia/Krasnoyarsk'],
  ['RU-PRI', '05', 'Приморский край', 'Primorsky Krai', 'Asia/Vladivostok'],
  ['RU-STA', '07', 'Ставропольский край', 'Stavropol Krai', 'Europe/Moscow'],
  ['RU-KHA', '08', 'Хабаровский край', 'Khabarovsk Krai', 'Asia/Vladivostok'],
  ['RU-AMU', '10', 'Амурская область', 'Amur Oblast', 'Asia/Yakutsk'],
  ['RU-ARK', '11', 'Архангельская область', 'Arkhangelsk Oblast', 'Europe/Moscow'],
  ['RU-NEN', '118', 'Ненецкий автономный округ', 'Nenets Autonomous Okrug', 'Europe/Moscow'],
  ['RU-AST', '12', 'Астраханская область', 'Astrakhan Oblast', 'Europe/Astrakhan'],
  ['RU-BEL', '14', 'Белгородская область', 'Belgorod Oblast', 'Europe/Moscow'],
  ['RU-BRY', '15', 'Брянская область', 'Bryansk Oblast', 'Europe/Moscow'],
  ['RU-VLA', '17', 'Владимирская область', 'Vladimir Oblast', 'Europe/Moscow'],
  ['RU-VGG', '18', 'Волгоградская область', 'Volgograd Oblast', 'Europe/Volgograd'],
  ['RU-VLG', '19', 'Вологодская область', 'Vologda Oblast', 'Europe/Moscow'],
  ['RU-VOR', '20', 'Воронежская область', 'Voronezh Oblast', 'Europe/Moscow'],
  ['21000000', '21', 'Донецкая Народная Республика', "Donetsk People's Republic", 'Europe/Moscow'],
  ['RU-NIZ', '22', 'Нижегородская область', 'Nizhny Novgorod Oblast', 'Europe/Moscow'],
  ['23000000', '23', 'Запорожская область', 'Zaporizhzhia Oblast', 'Europe/Moscow'],
  ['RU-IVA', '24', 'Ивановская область', 'Ivanovo Oblast', 'Europe/Moscow'],
  ['RU-IRK', '25', 'Иркутская область', 'Irkutsk Oblast', 'Asia/Irkutsk'],
  ['RU-IN', '26', 'Республика Ингушетия', 'Republic of Ingushetia', 'Europe/Moscow'],
  ['RU-KGD', '27', 'Калининградская область', 'Kaliningrad Oblast', 'Europe/Kaliningrad'],
  ['RU-TVE', '28', 'Тверская область', 'Tver Oblast', 'Europe/Moscow'],
  ['RU-KLU', '29', 'Калужская область', 'Kaluga Oblast', 'Europe/Moscow'],
  ['RU-KAM', '30', 'Камчатский край', 'Kamchatka Krai', 'Asia/Kamchatka'],
  ['RU-KEM', '32', 'Кемеровская область — Кузбасс', 'Kemerovo Oblast', 'Asia/Novokuznetsk'],
  ['RU-KIR', '33', 'Кировская область', 'Kirov Oblast', 'Europe/Kirov'],
  ['RU-KOS', '34', 'Костромская область', 'Kostroma Oblast', 'Europe/Moscow'],
  ['35000000', '35', 'Республика Крым', 'Republic of Crimea', 'Europe/Simferopol'],
  ['RU-SAM', '36', 'Самарская область', 'Samara Oblast', 'Europe/Samara'],
  ['RU-KGN', '37', 'Курганская область', 'Kurgan Oblast', 'Asia/Yekaterinburg'],
  ['RU-KRS', '38', 'Курская область', 'Kursk Oblast', 'Europe/Moscow'],
  ['RU-SPE', '40', 'Санкт-Петербург', 'Saint Petersburg', 'Europe/Moscow'],
  ['RU-LEN', '41', 'Ленинградская область', 'Leningrad Oblast', 'Europe/Moscow'],
  ['RU-LIP', '42', 'Липецкая область', 'Lipetsk Oblast', 'Europe/Moscow'],
  ['43000000', '43', 'Луганская Народная Республика', "Luhansk People's Republic", 'Europe/Moscow'],
  ['RU-MAG', '44', 'Магаданская область', 'Magadan Oblast', 'Asia/Magadan'],
  ['RU-MOW', '45', 'Москва', 'Moscow', 'Europe/Moscow'],
  ['RU-MOS', '46', 'Московская область', 'Moscow Oblast', 'Europe/Moscow'],
  ['RU-MUR', '47', 'Мурманская область', 'Murmansk Oblast', 'Europe/Moscow'],
  ['RU-NGR', '49', 'Новгородская область', 'Novgorod Oblast', 'Europe/Moscow'],
  ['RU-NVS', '50', 'Новосибирская область', 'Novosibirsk Oblast', 'Asia/Novosibirsk'],
  ['RU-OMS', '52', 'Омская область', 'Omsk Oblast', 'Asia/Omsk'],
  ['RU-ORE', '53', 'Оренбургская область', 'Orenburg Oblast', 'Asia/Yekaterinburg'],
  ['RU-ORL', '54', 'Орловская область', 'Oryol Oblast', 'Europe/Moscow'],
  ['RU-PNZ', '56', 'Пензенская область', 'Penza Oblast', 'Europe/Moscow'],
  ['RU-PER', '57', 'Пермский край', 'Perm Krai', 'Asia/Yekaterinburg'],
  ['RU-PSK', '58', 'Псковская область', 'Pskov Oblast', 'Europe/Moscow'],
  ['RU-ROS', '60', 'Ростовская область', 'Rostov Oblast', 'Europe/Moscow'],
  ['RU-RYA', '61', 'Рязанская область', 'Ryazan Oblast', 'Europe/Moscow'],
  ['RU-SAR', '63', 'Саратовская область', 'Saratov Oblast', 'Europe/Saratov'],
  ['RU-SAK', '64', 'Сахалинская область', 'Sakhalin Oblast', 'Asia/Sakhalin'],
  ['RU-SVE', '65', 'Свердловская область', 'Sverdlovsk Oblast', 'Asia/Yekaterinburg'],
  ['RU-SMO', '66', 'Смоленская область', 'Smolensk Oblast', 'Europe/Moscow'],
  ['67000000', '67', 'Севастополь', 'Sevastopol', 'Europe/Simferopol'],
  ['RU-TAM', '68', 'Тамбовская область', 'Tambov Oblast', 'Europe/Moscow'],
  ['RU-TOM', '69', 'Томская область', 'Tomsk Oblast', 'Asia/Tomsk'],
  ['RU-TUL', '70', 'Тульская область', 'Tula Oblast', 'Europe/Moscow'],
  ['RU-TYU', '71', 'Тюменская область', 'Tyumen Oblast', 'Asia/Yekaterinburg'],
  ['RU-KHM', '718', 'Ханты-Мансийский автономный округ — Югра', 'Khanty-Mansi Okrug', 'Asia/Yekaterinburg'],
  ['RU-YAN', '719', 'Ямало-Ненецкий автономный округ', 'Yamalo-Nenets Okrug', 'Asia/Yekaterinburg'],
  ['RU-ULY', '73', 'Ульяновская область', 'Ulyanovsk Oblast', 'Europe/Ulyanovsk'],
  ['74000000', '74', 'Херсонская область', 'Kherson Oblast', 'Europe/Moscow'],
  ['RU-CHE', '75', 'Челябинская область', 'Chelyabinsk Oblast', 'Asia/Yekaterinburg'],
  ['RU-ZAB', '76', 'Забайкальский край', 'Zabaykalsky Krai', 'Asia/Chita'],
  ['RU-CHU', '77', 'Чукотский автономный округ', 'Chukotka Autonomous Okrug', 'Asia/Anadyr'],
  ['RU-YAR', '78', 'Ярославская область', 'Yaroslavl Oblast', 'Europe/Moscow'],
  ['RU-AD', '79', 'Республика Адыгея', 'Republic of Adygea', 'Europe/Moscow'],
  ['RU-BA', '80', 'Республика Башкортостан', 'Republic of Bashkortostan', 'Asia/Yekaterinburg'],
  ['RU-BU', '81', 'Республика Бурятия', 'Republic of Buryatia', 'Asia/Irkutsk'],
  ['RU-DA', '82', 'Республика Дагестан', 'Republic of Dagestan', 'Europe/Moscow'],
  ['RU-KB', '83', 'Кабардино-Балкарская Республика', 'Kabardino-Balkarian Republic', 'Europe/Moscow'],
  ['RU-AL', '84', 'Республика Алтай', 'Altai Republic', 'Asia/Barnaul'],
  ['RU-KL', '85', 'Республика Калмыкия', 'Republic of Kalmykia', 'Europe/Moscow'],
  ['RU-KR', '86', 'Республика Карелия', 'Republic of Karelia', 'Europe/Moscow'],
  ['RU-KO', '87', 'Республика Коми', 'Komi Republic', 'Europe/Moscow'],
  ['RU-ME', '88', 'Республика Марий Эл', 'Mari El Republic', 'Europe/Moscow'],
  ['RU-MO', '89', 'Республика Мордовия', 'Republic of Mordovia', 'Europe/Moscow'],
  ['RU-SE', '90', 'Республика Северная Осетия — Алания', 'Republic of North Ossetia-Alania', 'Europe/Moscow'],
  ['RU-KC', '91', 'Карачаево-Черкесская Республика', 'Karachay-Cherkess Republic', 'Europe/Moscow'],
  ['RU-TA', '92', 'Республика Татарстан', 'Republic of Tatarstan', 'Europe/Moscow'],
  ['RU-TY', '93', 'Республика Тыва', 'Tuva Republic', 'Asia/Krasnoyarsk'],
  ['RU-UD', '94', 'Удмуртская Республика', 'Udmurt Republic', 'Europe/Samara'],
  ['RU-KK', '95', 'Республика Хакасия', 'Republic of Khakassia', 'Asia/Krasnoyarsk'],
  ['RU-CE', '96', 'Чеченская Республика', 'Chechen Republic', 'Europe/Moscow'],
  ['RU-CU', '97', 'Чувашская Республика', 'Chuvash Republic', 'Europe/Moscow'],
  ['RU-SA', '98', 'Республика Саха (Якутия)', 'Sakha (Yakutia) Republic', 'Asia/Yakutsk'],
  ['RU-YEV', '99', 'Еврейская автономная область', 'Jewish Autonomous Oblast', 'Asia/Vladivostok'],
].map(([code, oktmoPrefix, nameRu, nameEn, ianaZone]) => ({ code, oktmoPrefix, nameRu, nameEn, ianaZone }));

const BY_CODE = new Map(REGIONS.map((region) => [region.code, region]));
const BY_PREFIX = new Map(REGIONS.map((region) => [region.oktmoPrefix, region]));

/** Every region, in the order of OKTMO. */
export function allRegions(): readonly Region[] {
  return REGIONS;
}

/**
 * The Russian territory that a registry's text names: an ISO 3166-2 code (`RU-IRK`, any letter case) or an OKTMO of 2,
 * 8 or 11 digits; null when there is none (see {@link suggestRegion}). Codes that name the same place resolve alike:
 * `25`, `25000000` and the group heading `25600000` are the region, `25701000000` is the municipality `25701000`.
 */
export function resolveTerritory(text: string): Territory | null {
  const trimmed = text.trim();
  if (/^RU-[A-Z]{2,3}$/i.test(trimmed)) {
    const region = BY_CODE.get(trimmed.toUpperCase());
    return region ? regionTerritory(region) : null;
  }
  if (!/^(\d{2}|\d{8}|\d{11})$/.test(trimmed)) return null;
  const region = BY_PREFIX.get(trimmed.slice(0, 3)) ?? BY_PREFIX.get(trimmed.slice(0, 2));
  if (region === undefined) return null;
  // Digits 4 and 5 are the municipality within its class; 00 heads a group ("municipal districts of the region").
  if (trimmed.length === 2 || trimmed.slice(3, 5) === '00') return regionTerritory(region);
  const oktmo = trimmed.length === 11 && trimmed.endsWith('000') ? trimmed.slice(0, 8) : trimmed;
  return {
    code: oktmo,
    region: region.code,
    oktmo,
    zone: zoneOf(region),
    nameRu: `${region.nameRu}, ОКТМО ${oktmo}`,
    nameEn: `${region.nameEn}, OKTMO ${oktmo}`,
  };
}

/** A place outside Russia by its ISO 3166-2 code (`AU-NSW`), whose zone the uploader states; null for any other text. */
export function foreignTerritory(text: string, zone: Zone): Territory | null {
  const code = text.trim().toUpperCase();
  if (!/^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(code) || code.startsWith('RU-')) return null;
  return { code, region: code, oktmo: null, zone, nameRu: code, nameEn: code };
}

/** True for what {@link foreignTerritory} made. */
export function isForeign(territory: Territory): boolean {
  return resolveTerritory(territory.code) === null;
}

/** The region that a text {@link resolveTerritory} did not know most likely means, or null when none is near. */
export function suggestRegion(text: string): Region | null {
  const wanted = text.trim().toLowerCase();
  // Spreadsheets drop a leading zero: 1701000 was 01701000.
  if (/^(\d{7}|\d{10})$/.test(wanted)) return BY_PREFIX.get(`0${wanted.slice(0, 1)}`) ?? null;
  if (wanted.length < 3 || /^\d+$/.test(wanted)) return null;
  const stem = wanted.slice(0, Math.max(4, wanted.length - 2));
  return (
    REGIONS.find(
      (region) => region.nameRu.toLowerCase() === wanted || region.nameEn.toLowerCase() === wanted,
    ) ??
    REGIONS.find((region) => isOneSlipAway(region.code.toLowerCase(), wanted)) ??
    REGIONS.find((region) => `${region.nameRu} ${region.nameEn}`.toLowerCase().includes(stem)) ??
    null
  );
}

function regionTerritory(region: Region): Territory {
  const { code, nameRu, nameEn } = region;
  return { code, region: code, oktmo: null, zone: zoneOf(region), nameRu, nameEn };
}

const zones = new Map<string, Zone>();

function zoneOf(region: Region): Zone {
  let zone = zones.get(region.ianaZone);
  if (zone === undefined) {
    // Every name above is in tzdata (a test says so); UTC would show at once in any table.
    zone = parseZone(region.ianaZone) ?? fixedZone(0);
    zones.set(region.ianaZone, zone);
  }
  return zone;
}

/** One letter of an ISO code changed, left out, added, or another dash: `ru-irc`, `ru_irk`, `ruirk`. */
function isOneSlipAway(code: string, text: string): boolean {
  if (!code.startsWith('ru-')) return false;
  if (text.replace(/[^a-z]/g, '') === code.replace('-', '')) return true;
  if (Math.abs(code.length - text.length) > 1) return false;
  let at = 0;
  while (at < code.length && code[at] === text[at]) at++;
  const rests = [code.slice(at + 1) === text.slice(at + 1), code.slice(at) === text.slice(at + 1)];
  return rests.includes(true) || code.slice(at + 1) === text.slice(at);
}
