import type { AsyncBuffer, ColumnChunk } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';

/** A page is a megabyte as a rule; one of a whole row group may be larger. */
const MOST_PAGE_BYTES = 256 << 20;

/**
 * Looks at the pages' own headers before the library makes room for what they announce: a damaged one may announce a
 * milliard of values in a file of a kilobyte.
 * @throws Error a page holds more than its row group can.
 */
export async function checkPages(
  file: AsyncBuffer,
  chunks: readonly ColumnChunk[],
  groupRows: number,
): Promise<void> {
  for (const { meta_data: meta } of chunks) {
    if (meta === undefined) throw new Error('a column has no description');
    const first = Number(meta.dictionary_page_offset ?? 0n) || Number(meta.data_page_offset);
    const from = Math.min(first, Number(meta.data_page_offset));
    const to = from + Number(meta.total_compressed_size);
    if (!(from >= 0 && to > from && to <= file.byteLength)) throw new Error('a column lies outside the file');
    const bytes = await file.slice(from, to);
    const reader = { view: new DataView(bytes), offset: 0 };
    while (reader.offset < reader.view.byteLength - 1) {
      const header = parquetHeader(reader);
      const values = Math.max(
        header.data_page_header?.num_values ?? 0,
        header.data_page_header_v2?.num_values ?? 0,
        header.data_page_header_v2?.num_rows ?? 0,
        header.dictionary_page_header?.num_values ?? 0,
      );
      const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
      if (!(values >= 0 && values <= groupRows))
        throw new Error(`a page of ${values} values in ${groupRows} rows`);
      if (!(packed >= 0 && packed <= reader.view.byteLength - reader.offset))
        throw new Error('a page is longer than its column');
      if (!(unpacked >= 0 && unpacked <= MOST_PAGE_BYTES)) throw new Error(`a page of ${unpacked} bytes`);
      reader.offset += packed;
    }
  }
}
