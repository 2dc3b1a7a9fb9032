/** A feed of our own in the form of Green Button; entries in the order given. */
export function feed(...entries: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xmlns:espi="http://naesb.org/espi">\n${entries.join('')}</feed>\n`;
}

function entry(links: Readonly<Record<string, string | readonly string[]>>, content: string): string {
  const lines = Object.entries(links).flatMap(([rel, hrefs]) =>
    [hrefs].flat().map((href) => `<link rel="${rel}" href="${String(href)}"/>\n`),
  );
  return `<entry>\n${lines.join('')}<content>${content}</content>\n</entry>\n`;
}

export function usagePoint(point: string): string {
  const self = `Customer/77/UsagePoint/${point}`;
  const content =
    '<espi:UsagePoint><espi:ServiceCategory><espi:kind>0</espi:kind></espi:ServiceCategory></espi:UsagePoint>';
  return entry({ self, up: 'Customer/77/UsagePoint', related: `${self}/MeterReading` }, content);
}

/** A meter reading whose addresses tell nothing: only its links lead anywhere. */
export function meterReading(point: string, name: string, type: string): string {
  const links = {
    self: `Reading/${name}`,
    up: `Customer/77/UsagePoint/${point}/MeterReading`,
    related: [`Blocks/${name}`, `Type/${type}`],
  };
  return entry(links, '<espi:MeterReading/>');
}

export function readingType(type: string, fields: Readonly<Record<string, number>> = {}): string {
  const all = {
    accumulationBehaviour: 4,
    flowDirection: 1,
    intervalLength: 3600,
    powerOfTenMultiplier: 0,
    uom: 72,
    ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `<espi:${name}>${value}</espi:${name}>`);
  return entry(
    { self: `Type/${type}`, up: 'Type' },
    `<espi:ReadingType>${lines.join('')}</espi:ReadingType>`,
  );
}

/** Readings one after the other from `start`, seconds since 1970. */
export function block(
  name: string,
  start: number,
  values: readonly (number | string)[],
  { seconds = 3600, quality }: { seconds?: number; quality?: number } = {},
): string {
  const readings = values.map(
    (value, at) =>
      `<espi:IntervalReading><espi:cost>9</espi:cost>${quality === undefined ? '' : `<espi:ReadingQuality><espi:quality>${quality}</espi:quality></espi:ReadingQuality>`}` +
      `<espi:timePeriod><espi:duration>${seconds}</espi:duration><espi:start>${start + at * seconds}</espi:start></espi:timePeriod>` +
      `<espi:value>${value}</espi:value></espi:IntervalReading>\n`,
  );
  return blockOf(name, { start: 5, seconds: 1 }, readings);
}

/** Readings without a time of their own, from the block's start on. */
export function bareBlock(name: string, start: number, values: readonly number[]): string {
  const readings = values.map(
    (value) => `<espi:IntervalReading><espi:value>${value}</espi:value></espi:IntervalReading>\n`,
  );
  return blockOf(name, { start, seconds: 86_400 }, readings);
}

function blockOf(
  name: string,
  { start, seconds }: { start: number; seconds: number },
  readings: readonly string[],
): string {
  const interval = `<espi:interval><espi:duration>${seconds}</espi:duration><espi:start>${start}</espi:start></espi:interval>`;
  return entry(
    { self: `Blocks/${name}/1`, up: `Blocks/${name}` },
    `<espi:IntervalBlock>${interval}${readings.join('')}</espi:IntervalBlock>`,
  );
}
