/**
 * What a column is for, by the words of its header in the languages of those who send. A header names its column more
 * surely than its values do: a date of installation is a date as well.
 */
export type Role =
  | 'point'
  | 'serial'
  | 'start'
  | 'end'
  | 'date'
  | 'end-date'
  | 'time'
  | 'start-time'
  | 'end-time'
  | 'hour'
  | 'range'
  | 'register'
  | 'unit'
  | 'quality'
  | 'commodity'
  | 'interval'
  | 'ratio'
  | 'person'
  | 'ignored';

/** The first that fits decides; more telling ones stand before those they contain. */
const ROLES: readonly [Role, RegExp][] = [
  [
    'person',
    /(фио|лицев|^л\/с|абонент|потребитель|адрес|address|customer name|naam klant|^name$|^улица|^дом$|^кв\.?$|телефон)/,
  ],
  [
    'ratio',
    /(^factor$|^faktor$|^множитель$|^кт$|ктт|^ктн|коэф.*трансф|расч[её]тн.*коэф|ct ratio|multiplier)/,
  ],
  [
    'ignored',
    /(cost|price|prijs|kosten|tarief|importe|€|\$|руб|стоимост|temperature|температур|\bgas\b|water|вода|\bm3\b|m³|autocons|generad|gross.gen|квар|kvar|\bvar|реактив|reactive|blind|voltage|напряж|power factor|cos ?φ|ток |\bcurrent\b|conversion|calendar.?key|event.?key|events occurred|notes|comment|примечан)/,
  ],
  ['end-date', /^(tot datum|to \(?date\)?|to date|end date|vers \(date\)|bis datum|дата окончания)$/],
  [
    'end-time',
    /^(tot tijdstip|uhrzeit bis|bis uhrzeit|hora fin|ora fine|usage end time|to \(?time\)?|to time|end time|vers \(heure\)|cas do|čas do|время окончания)$/,
  ],
  [
    'date',
    /^(van datum|from \(?date\)?|from date|start date|de \(date\)|du \(date\)|von datum|дата начала)$/,
  ],
  [
    'start-time',
    /^(van tijdstip|uhrzeit von|von uhrzeit|hora inicio|ora inizio|from \(?time\)?|from time|start time|de \(heure\)|cas od|čas od|время начала)$/,
  ],
  [
    'end',
    /(date and end time|^til$|^til dato$|^fecha fin|^data fine|^date de fin|^au$|^do$|^дата по$|^to$|^tot$|^end$|^einde?$|^bis$|^fine$|^fin$|end (interval )?date.?time|interval end|period end|reading end|конец|окончание|^по$)/,
  ],
  [
    'start',
    /(^fra$|^fra dato$|^fecha inicio|^data inizio|^date de d[eé]but|^du$|^od$|^дата с$|^from$|^van$|^start$|^von$|^inizio$|^inicio$|hour start|start (interval )?date.?time|interval start|period start|reading start|^с$|начало)/,
  ],
  ['range', /(time period|^интервал времени|^period$)/],
  [
    'point',
    /(\bean\b|eancode|ean.code|\bmprn\b|\bmpan\b|\bcups\b|\bnmi\b|\bpod\b|\bprm\b|\bpdl\b|metering.?point|målepunkt|malepunkt|zählpunkt|zaehlpunkt|точка учета|точки учета|точка измер|код точки|точка поставки|service.?point|usage.?point|customer.?(id|key)|household.?id|\besiid\b|\bppe\b|anläggnings.?id|käyttöpaik|^malo(-?id)?$|marktlokation|messlokation|point de livraison|identifiant p[rd][ml])/,
  ],
  [
    'serial',
    /(serial|meternummer|meter.?(number|nr|no|id)|^meter$|^compteur$|заводской|серийный|номер.?(пу|прибор|сч[её]тчик)|^пу$|прибор учета|сч[её]тчик$|№ ?сч[её]тчика|^зав\.? ?(номер|№|n)|zähler|z.hlernummer|contador|matricola|numero.?(de.?serie|compteur)|n. (du )?compteur)/,
  ],
  [
    'quality',
    /(validati|validation|^status$|^статус|kvalitet|quality|qualité|qualit|metodo.?obtencion|real\/estimado|estimated.?indicator|достоверн|признак|kwaliteit|^read status)/,
  ],
  [
    'register',
    /(^register$|^registre$|read type|^direction$|^канал$|^тип канала|^channel|направление|^вид энергии|obis|^kanal$|flow direction|^richting$|^measurement$|^reading type$)/,
  ],
  ['unit', /(^unit$|eenheid|^unité$|^einheit$|ед\.? ?изм|единица|^uom$|^units$)/],
  ['commodity', /^(type|commodity|service|energy.?type|тип ресурса|ресурс)$/],
  ['interval', /^(interval|interval.?length|resolution|интервал)$/],
  [
    'hour',
    /^(hora|hour|uur|час|час суток|номер часа|№ часа|ora|stunde|time|tijd|tijdstip|время|heure|čas|cas|uhrzeit|klokkeslett|timme|tid|godzina|tunti|kello|hodina|hour ending|he)$/,
  ],
  [
    'date',
    /^(date|fecha|giorno|datum|dato|дата|data|day|jour|dag|tag|meterreadingdate|reading.?date|день|сутки|дата показаний)$/,
  ],
  [
    'start',
    /^(timestamp|date.?time|datum.?tijd|datetime|reading.?date.?time|дата.?время|дата и время|tidspunkt|zeitstempel|zeit|horodate|time.?stamp|read.?at|epoch|unix.?time|messzeitpunkt|fecha.?hora|messzeit)$/,
  ],
];

export function normalised(name: string): string {
  return name
    .toLowerCase()
    .replace(/^\ufeff/, '')
    .replace(/[_\s\u00a0]+/g, ' ')
    .replace(/ё/g, 'е')
    .trim();
}

const UNIT_BEHIND = /[\s,;:([/-]*(?:в\s)?(?:м?квт\W{0,3}ч|вт\W{0,3}ч|квт|m?kwh|mwh|wh)[\s)\].]*$/;

/** `Зав. номер, кВт·ч` names its table's unit in the corner; a unit by itself stays. */
export function withoutUnit(plain: string): string {
  const bare = plain.replace(UNIT_BEHIND, '');
  return bare === '' ? plain : bare;
}

export function roleOf(name: string): Role | null {
  const plain = withoutUnit(normalised(name));
  if (plain === '') return null;
  return ROLES.find(([, words]) => words.test(plain))?.[0] ?? null;
}

/** Whether a name says that its times are the beginnings of intervals. */
export function saysStart(name: string): boolean {
  return /(^fra$|^fra |^from|^van|start|^von|\bvon$|inizio|inicio|d[eé]but|begin|^du($| )|^de \(|^od$|\bod$|^с$|^дата с$|начал)/.test(
    normalised(name),
  );
}

/** Whether a name says that its times are UTC, though they carry no offset. */
export function saysUtc(name: string): boolean {
  return /(^|[\s(_-])(utc|gmt)($|[\s)_-])/.test(normalised(name));
}

export interface Unit {
  /** Of energy; of average power, what one hour of it makes. */
  readonly whPerUnit: number;
  readonly isPower: boolean;
  readonly text: string;
}

const UNITS: readonly [RegExp, number, boolean, string][] = [
  [/(mwh|мвт\W{0,3}ч)/, 1e6, false, 'MWh'],
  [/(kwh|kw-h|kilowatt.?hour|квт\W{0,3}ч|kwt)/, 1000, false, 'kWh'],
  [/(\bwh\b|(^|[^км])вт\W{0,3}ч|watt.?hours)/, 1, false, 'Wh'],
  [/(\bkw\b|(^|[^а-я])квт([^а-я]|$)|kilowatts?)/, 1000, true, 'kW'],
  [/(\bmw\b|мвт)/, 1e6, true, 'MW'],
  [/(\bw\b|\bwatt|(^|[^а-я])вт([^а-я]|$))/, 1, true, 'W'],
];

export function unitOf(text: string): Unit | null {
  const plain = normalised(text);
  const found = UNITS.find(([words]) => words.test(plain));
  return found === undefined ? null : { whPerUnit: found[1], isPower: found[2], text: found[3] };
}

/** Whether a register or a column is of what the home gives to the grid. */
export function isExport(text: string): boolean {
  return /((^|[:\s-])2\.(?:[278]|29)\.\d|returned|return|teruglever|injecti|injection|export|отдача|отпуск|(^|[\s,(])[аa][-−–]|as kwh|vertida|excedent|feed.?in|net gen|produksjon|produktion|inject)/.test(
    normalised(text),
  );
}

/** Whether a column's name is of consumption, though it may state no unit. */
export function isConsumption(text: string): boolean {
  return /(usage|consum|verbruik|volume|quantity|quantité|cantidad|menge|mængde|объем|количество|zużyci|förbrukning|kulutus|spotreba|spotřeba|forbruk|energ|afname|levering|electricity|elektriciteit|потреблен|расход|активн|значение|^value$|read value|ae kwh|general supply|controlled load|off.?peak|other|(^|[\s,(])[аa]\+|import|prélèvement|bezug|verbrauch|meterreading|показани)/.test(
    normalised(text),
  );
}

/** Reactive energy, in words or by its OBIS code. */
export function isReactive(text: string): boolean {
  return /(reactive|kvar|квар|реактив|blind|réactive|reactiva|reattiva|(^|[:\s-])[3-8]\.(?:8|29)\.\d|(^|[\s,(])[rр][+-])/.test(
    normalised(text),
  );
}

/** What a cumulative register shows, by its name. */
export function isRegisterName(text: string): boolean {
  return /(^reading ?\d?$|meterstand|^stand |показани|register(?!ed)|(^|\s)stand$|index|накопл|нарастающ)/.test(
    normalised(text),
  );
}

/** `T1`, `tarief 2`, `low tariff` … stand beside one another and are added; a total beside them is not. */
export function isTotal(text: string): boolean {
  return (
    /(^|\W)(total|totaal|totale|итого|всего|сумма|sum)(\W|$)/.test(normalised(text)) &&
    !/kwh total/.test(normalised(text))
  );
}

/** Parts of the day that a meter counts by themselves: rows of one time that differ by them are added. */
export function isTariff(text: string): boolean {
  return /^(?:(?:тариф|tarief|tariff|tarif|zone|зона|register)\s?)?(?:день|ночь|пик|полупик|[tт]\s?[1-4]|[1-4]|day|night|dag|nacht|laag|hoog|low|high|normal|peak|off.?peak|shoulder|punta|llano|valle|f[123]|jour|nuit|hp|hc|ht|nt)$/.test(
    normalised(text),
  );
}

export function isTotalsRow(first: string): boolean {
  return /^(итог|всего|сумм|total|totaal|totale|summe|sum\b|somme|gesamt)/i.test(first);
}

/** A quality's code by its word; unknown words are questionable, never actual. */
const QUALITIES: readonly [RegExp, 'actual' | 'estimated' | 'substituted' | 'missing'][] = [
  [
    /^(|a|r|real|actual|measured|validated|gevalideerd|read|gelezen|gemeten|målt|malt|gemessen|relev[eé]|valid|validé|ok|good|0|v|достоверн.*|фактическ.*|факт|измерен.*|коммерческ.*)$/,
    'actual',
  ],
  [
    /^(e|est|estimated|estimado|geschat|estimé|stipulert|beregnet|berekend|estimation|расчетн.*|оценк.*|оценочн.*|geschätzt)$/,
    'estimated',
  ],
  [/^(s|f|substituted|ersatzwert|замещен.*|edited|corrected)$/, 'substituted'],
  [
    /^(n|m|missing|geen verbruik|no consumption|aucune consommation|pas de consommation|нет данных|н\/д|mangler)$/,
    'missing',
  ],
];

export function qualityWord(
  text: string,
): 'actual' | 'estimated' | 'substituted' | 'missing' | 'questionable' {
  const plain = normalised(text);
  return QUALITIES.find(([words]) => words.test(plain))?.[1] ?? 'questionable';
}
