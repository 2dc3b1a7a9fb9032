/** Where a region's tile stands: column from west to east, row from north to south. */
export interface Tile {
  readonly column: number;
  readonly row: number;
}

/*
 * A tile map of our own, without outlines and without a request to anybody: each region about where its neighbours would
 * look for it. Only the order of west to east and north to south is meant, no area and no border.
 */
const ROWS: readonly (readonly [column: number, row: number, codes: string])[] = [
  [0, 3, 'RU-KGD'],
  [3, 0, 'RU-MUR'],
  [3, 1, 'RU-KR RU-ARK RU-NEN'],
  [9, 1, 'RU-YAN'],
  [13, 1, 'RU-SA RU-MAG RU-CHU'],
  [2, 2, 'RU-SPE RU-LEN RU-VLG RU-KO'],
  [9, 2, 'RU-KHM'],
  [11, 2, 'RU-KYA RU-IRK'],
  [16, 2, 'RU-KAM'],
  [2, 3, 'RU-PSK RU-NGR RU-YAR RU-KOS RU-KIR RU-PER RU-SVE RU-TYU RU-TOM RU-KEM'],
  [13, 3, 'RU-BU RU-AMU RU-KHA RU-SAK'],
  [2, 4, 'RU-SMO RU-TVE RU-IVA RU-NIZ RU-ME RU-UD RU-CHE RU-KGN RU-OMS RU-NVS RU-KK RU-ZAB'],
  [15, 4, 'RU-YEV RU-PRI'],
  [2, 5, 'RU-BRY RU-KLU RU-MOS RU-VLA RU-CU RU-TA RU-BA RU-ORE'],
  [10, 5, 'RU-ALT RU-AL RU-TY'],
  [2, 6, 'RU-KRS RU-ORL RU-MOW RU-RYA RU-MO RU-ULY RU-SAM'],
  [1, 7, '43000000 RU-BEL RU-LIP RU-TUL RU-TAM RU-PNZ RU-SAR'],
  [0, 8, '74000000 21000000 RU-ROS RU-VOR RU-VGG RU-AST'],
  [0, 9, '35000000 23000000 RU-KDA RU-STA RU-KL'],
  [0, 10, '67000000'],
  [2, 10, 'RU-AD RU-KC RU-KB RU-SE RU-IN RU-CE RU-DA'],
];

const TILES = new Map(
  ROWS.flatMap(([column, row, codes]) =>
    codes.split(' ').map((code, index): [string, Tile] => [code, { column: column + index, row }]),
  ),
);

export const TILE_COLUMNS = 17;
export const TILE_ROWS = 11;

/** Null for a place that has no tile: abroad. */
export function tileOf(region: string): Tile | null {
  return TILES.get(region) ?? null;
}

export function tiledRegions(): readonly string[] {
  return [...TILES.keys()];
}
