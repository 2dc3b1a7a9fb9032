import { useFormats, useSentence, useTexts } from '../../i18n/use-texts.js';
import type { Place } from './regions.js';
import { regionsTexts } from './regions.texts.js';
import { TILE_COLUMNS, TILE_ROWS, tiledRegions, tileOf } from './tile-grid.js';

/** What lies in one region, added up. */
interface Sum {
  readonly name: string;
  readonly mw: number;
  readonly isBanned: boolean;
}

/** Regions as tiles; the numbers are in the table beside, so that a picture is all this is. */
export function TileScheme({ places }: { readonly places: readonly Place[] }) {
  const t = useTexts(regionsTexts);
  const format = useFormats();
  const say = useSentence();
  const sums = new Map<string, Sum>();
  for (const { region, name, suspected_mw: mw, rule } of places) {
    const before = sums.get(region);
    sums.set(region, {
      name: before?.name ?? say(name),
      mw: (before?.mw ?? 0) + mw.metered + mw.unmetered,
      isBanned: (before?.isBanned ?? false) || rule.ban.status === 'banned',
    });
  }
  const most = Math.max(0.001, ...[...sums.values()].map(({ mw }) => mw));
  return (
    <svg class="tiles" viewBox={`0 0 ${TILE_COLUMNS} ${TILE_ROWS}`} aria-hidden="true">
      <defs>
        <pattern
          id="tile-hatch"
          width="0.2"
          height="0.2"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <line class="tile-hatch-line" x1="0" y1="0" x2="0" y2="0.2" />
        </pattern>
      </defs>
      {tiledRegions().map((code) => {
        const { column, row } = tileOf(code)!;
        const sum = sums.get(code);
        const box = { x: column + 0.03, y: row + 0.03, width: 0.94, height: 0.94, rx: 0.12 };
        return (
          <g key={code} class={sum ? '' : 'tile-other'}>
            {sum && <title>{`${sum.name}: ${t('mw', { mw: format.number(sum.mw, 3) })}`}</title>}
            <rect class={sum ? 'tile tile-known' : 'tile'} {...box} />
            {sum && sum.mw > 0 && (
              <rect class="tile-load" {...box} fill-opacity={0.15 + 0.6 * Math.sqrt(sum.mw / most)} />
            )}
            {sum?.isBanned && <rect class="tile-banned" {...box} />}
            <text class="tile-name" x={column + 0.5} y={row + 0.6}>
              {code.replace('RU-', '').slice(0, 3)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
