/** A message of our own in the layout of XML 80020. */
export interface Message80020 {
  readonly number?: number;
  readonly timestamp?: string;
  readonly day?: string;
  readonly class?: string;
  /** Areas of measuring points: channels with their values, one a half hour or what the text says. */
  readonly areas: readonly Readonly<
    Record<string, Readonly<Record<string, readonly (number | string | null)[]>>>
  >[];
  readonly minutes?: number;
}

export function xml80020({
  number = 1,
  timestamp = '20260302010000',
  day = '20260301',
  class: family = '80020',
  areas,
  minutes = 30,
}: Message80020): string {
  const hhmm = (at: number) =>
    `${String(Math.floor(at / 60) % 24).padStart(2, '0')}${String(at % 60).padStart(2, '0')}`;
  const period = (value: number | string | null, at: number) => {
    const text = typeof value === 'string' ? value : `<value>${value ?? ''}</value>`;
    return `<period start="${hhmm(at * minutes)}" end="${hhmm((at + 1) * minutes)}">${text}</period>\r\n`;
  };
  const points = areas.map((area) =>
    Object.entries(area).map(([code, channels]) => {
      const inner = Object.entries(channels).map(
        ([channel, values]) =>
          `<measuringchannel code="${channel}" desc="A">\r\n${values.map(period).join('')}</measuringchannel>\r\n`,
      );
      return `<measuringpoint code="${code}" name="Feeder">\r\n${inner.join('')}</measuringpoint>\r\n`;
    }),
  );
  return [
    '<?xml version="1.0" encoding="windows-1251"?>\r\n',
    `<message class="${family}" version="2" number="${number}">\r\n`,
    `<datetime><timestamp>${timestamp}</timestamp><daylightsavingtime>1</daylightsavingtime><day>${day}</day></datetime>\r\n`,
    '<sender><name>\xd1\xe1\xfb\xf2</name><inn>7700000001</inn></sender>\r\n',
    ...points.map((area) => `<area timezone="1"><inn>7700000002</inn>\r\n${area.join('')}</area>\r\n`),
    '</message>\r\n',
  ].join('');
}

/** 48 half hours of `kwh`. */
export function halfHours(kwh: number): number[] {
  return Array.from({ length: 48 }, () => kwh);
}

/** As it is sent: a byte a character. */
export function bytesOf(message: Message80020): Buffer {
  return Buffer.from(xml80020(message), 'latin1');
}
