import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useTexts } from '../i18n/use-texts.js';
import { Button } from './button.js';
import { sharedTexts } from './shared.texts.js';

interface ChartFrameProps {
  readonly title: string;
  /** What the chart shows, in words, for whoever does not see it. */
  readonly summary: string;
  readonly tools?: ComponentChildren;
  readonly legend?: ComponentChildren;
  readonly chart: ComponentChildren;
  /** The same numbers as a table; made only when it is asked for. */
  readonly table: () => ComponentChildren;
}

/** A chart with its twin: the same numbers as a table, a button away. */
export function ChartFrame({ title, summary, tools, legend, chart, table }: ChartFrameProps) {
  const t = useTexts(sharedTexts);
  const [isTable, setIsTable] = useState(false);
  return (
    <section class="panel chart-frame" aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        <div class="panel-tools">
          {!isTable && tools}
          <Button look="quiet" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
            {isTable ? t('showChart') : t('showTable')}
          </Button>
        </div>
      </header>
      <p class="visually-hidden">{summary}</p>
      {isTable ? table() : chart}
      {!isTable && legend}
    </section>
  );
}
