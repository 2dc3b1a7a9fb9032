import type { Format, Recognised } from '../format.js';
import { xmlStart } from '../xml/decode-xml.js';

/** Formats that are known, and hold no meter's readings that could be read: named, with what to send instead. */

const SETTLEMENT: Format = {
  name: 'xml-51070-50080',
  title: { ru: 'Макеты 51070, 50080', en: 'XML 51070, 50080' },
  recognise: (head) => {
    const start = xmlStart(head);
    const family = start?.attributes.get('class') ?? '';
    const isFlows = start?.root === 'package' && start.names.includes('flow');
    if (start === null || !(/^(51070|50080)$/.test(family) || isFlows)) return null;
    return declined(
      `This is XML ${family || '51070'}: settled flows between companies, in hours of a month. It says nothing of single ` +
        'meters: send XML 80020 or 80040 of the measuring points.',
    );
  },
  decode: nothing,
};

const MULTISPEAK: Format = {
  name: 'multispeak',
  title: { ru: 'MultiSpeak (SOAP)', en: 'MultiSpeak (SOAP)' },
  recognise: (head) => {
    const start = xmlStart(head);
    if (start === null || !/multispeak/i.test(start.text)) return null;
    return declined(
      'This is a message of MultiSpeak, which is an exchange between services and not a file: send the readings as ' +
        'IEC 61968-9 MeterReadings, Green Button or CSV.',
    );
  },
  decode: nothing,
};

export const DECLINED: readonly Format[] = [SETTLEMENT, MULTISPEAK];

function declined(sentence: string): Recognised {
  return { declined: sentence };
}

async function* nothing(): AsyncGenerator<never> {
  // Never asked: what is declined is not decoded.
}
