import fc from 'fast-check';
import { RefusedError } from '../../../config/errors.js';
import { XmlScanner } from './xml-scanner.js';

/** What is told of a document that arrives in pieces. */
function told(content: string | Buffer, pieceBytes = 7): string[] {
  const calls: string[] = [];
  const scanner = new XmlScanner({
    open: (name, xml) => calls.push(`<${name} ${xml.attribute('a') ?? '–'}`),
    close: (name, xml) => calls.push(`${name} ${JSON.stringify(xml.text())}`),
  });
  const bytes = Buffer.from(content as string);
  for (let at = 0; at < bytes.length; at += pieceBytes) scanner.write(bytes.subarray(at, at + pieceBytes));
  scanner.end();
  return calls;
}

function refusal(content: string | Buffer): string {
  try {
    told(content, content.length > 10_000 ? 4096 : 7);
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  return 'taken';
}

describe('XML', () => {
  it.each([
    ['names in any case and of any namespace', '<n:A n:a="1"><B/></n:A>', ['<a 1', '<b –', 'b ""', 'a ""']],
    [
      'the five entities and characters by number',
      '<a>&lt;&amp;&#x41;&#66;&quot;</a>',
      ['<a –', 'a "<&AB\\""'],
    ],
    [
      'text around comments, instructions and sections',
      '<a>1<!-- > --><?x >?>2<![CDATA[<3>]]></a>',
      ['<a –', 'a "12<3>"'],
    ],
    ['quotes of both kinds, and > in a value', `<a a='"&gt;>"'></a >`, ['<a ">>"', 'a ""']],
    ['a mark of byte order and blanks around', '\ufeff <?xml version="1.0"?>\n<a/>\n', ['<a –', 'a ""']],
  ])('reads %s', (_, content, expected) => expect(told(content)).toEqual(expected));

  it('reads windows-1251 by its declaration, and UTF-16 by its bytes', () => {
    const declared = Buffer.from('<?xml version="1.0" encoding="windows-1251"?><a a="\xcf\xd1"/>', 'latin1');
    expect(told(declared)).toEqual(['<a ПС', 'a ""']);
    expect(told(Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><a>ПС</a>', 'utf16le'))).toEqual([
      '<a –',
      'a "ПС"',
    ]);
  });

  it.each([
    [
      'a DOCTYPE',
      '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]><a/>',
      'Line 2: the file has a DOCTYPE',
    ],
    ['an entity of its own', '<a>\n&b;</a>', 'Line 2: &b; is no entity'],
    ['tags that do not match', '<a>\n<b>\n</a>', 'Line 3: </a> stands where <b> must be closed'],
    ['a file cut off', '<a>\n<b>1', 'the file ends inside <b>'],
    ['a second root', '<a/>\n<b/>', 'Line 2: <b> follows the end'],
    ['text outside', 'a,b\n1,2', 'text stands before the first element'],
    ['an attribute without quotes', '<a b=1/>', 'not quoted'],
    ['a tag in a tag', '<a b="<c>"/>', '< stands inside a tag'],
    ['depth without end', '<a>'.repeat(100), 'more than 64 deep'],
    ['a value without end', `<a>${'1'.repeat(300_000)}`, 'longer than 256 KiB'],
    [
      'names without end',
      `<a>${Array.from({ length: 3000 }, (_, i) => `<b${i}/>`).join('')}</a>`,
      'kinds of elements',
    ],
    ['an encoding nobody knows', '<?xml version="1.0" encoding="klingon"?><a/>', 'klingon'],
    ['nothing', '  ', 'there is no element'],
  ])('refuses %s', (_, content, expected) => expect(refusal(content)).toContain(expected));

  it('says the same whatever the pieces, and of any bytes either something or a refusal with a line', () => {
    const word = fc.constantFrom(
      '<a>',
      '</a>',
      '<a',
      '/>',
      '<!--',
      '-->',
      '&lt;',
      '&',
      '<![CDATA[',
      ']]>',
      '"',
      '=',
      'x',
      ' b="1"',
      '<?',
      '?>',
      '<!DOCTYPE',
      '\n',
      'ё',
      '\0',
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 30 }),
        fc.integer({ min: 1, max: 400 }),
        (words, pieceBytes) => {
          const content = `<a>${words.join('')}</a>${' '.repeat(300)}`;
          const result = (size: number) => {
            try {
              return told(content, size).join();
            } catch (error) {
              if (!(error instanceof RefusedError)) throw error;
              expect(error.message).toMatch(/^Line \d+: /);
              return error.message;
            }
          };
          expect(result(pieceBytes)).toBe(result(1 << 20));
        },
      ),
      { numRuns: 300 },
    );
  });
});
