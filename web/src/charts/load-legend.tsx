import { useFormats, useTexts } from '../i18n/use-texts.js';
import { chartsTexts } from './charts.texts.js';
import type { Onset } from './load-span.js';

interface LegendProps {
  readonly onset: Onset | null;
  readonly neighbours: number;
  readonly showsTemperature: boolean;
  readonly zone: string;
  readonly hasEstimates: boolean;
}

/** What each line, band and hatching of the curve is, and whose clock it goes by. */
export function Legend({ onset, neighbours, showsTemperature, zone, hasEstimates }: LegendProps) {
  const t = useTexts(chartsTexts);
  const format = useFormats();
  return (
    <ul class="legend">
      <li class="legend-load">{t('load')}</li>
      <li class="legend-band">
        {neighbours === 0 ? t('noNeighbours') : t('neighbours', { count: neighbours })}
      </li>
      <li class="legend-quota">{t('quota')}</li>
      {onset && (
        <li class="legend-onset">
          {onset.from === onset.to
            ? t('onsetDay', { from: format.day(onset.from) })
            : t('onset', { from: format.day(onset.from), to: format.day(onset.to) })}
        </li>
      )}
      {hasEstimates && <li class="legend-estimated">{t('estimated')}</li>}
      {showsTemperature && <li class="legend-temperature">{t('temperature')}</li>}
      <li class="muted legend-plain">{t('clock', { zone: format.zoneName(zone) })}</li>
    </ul>
  );
}
