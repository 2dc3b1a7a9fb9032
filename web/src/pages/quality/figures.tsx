import { useResource } from '../../app/use-resource.js';
import { Loaded } from '../../components/states.js';
import { Table, type Column } from '../../components/table.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { figuresTexts } from './figures.texts.js';
import type { Estimate, Measured, Quality, Remark, UtilityCorrections } from './types.js';

interface Line extends Measured {
  readonly key: string;
  readonly who: string;
}

/** How inspections went: of everybody, of organisations, and of the people whom the reader answers for. */
export function QualityFigures() {
  const t = useTexts(figuresTexts);
  const format = useFormats();
  const quality = useResource<Quality>('/api/v1/integrity/quality');
  return (
    <Loaded resource={quality}>
      {({ from, to, everybody, organisations, inspectors, utilities }) => {
        const lines: Line[] = [
          { ...everybody, key: 'everybody', who: t('everybody') },
          ...organisations.map((one) => ({
            ...one,
            key: `o ${one.organisation}`,
            who: one.organisation || '–',
          })),
          ...inspectors.map((one) => ({
            ...one,
            key: `i ${one.inspector}`,
            who: one.name || `${one.inspector}`,
          })),
        ];
        return (
          <>
            <section class="panel">
              <header class="panel-head">
                <h2>{t('title')}</h2>
              </header>
              <p class="muted">{t('intro', { from: format.day(from), to: format.day(to) })}</p>
              <MeasuredTable lines={lines} />
            </section>
            {utilities.length > 0 && (
              <section class="panel">
                <header class="panel-head">
                  <h2>{t('utilities')}</h2>
                </header>
                <UtilitiesTable utilities={utilities} />
              </section>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

/** A share or ratio, and between what it lies. */
function Figure({ of, isRatio = false }: { readonly of: Estimate; readonly isRatio?: boolean }) {
  const t = useTexts(figuresTexts);
  const format = useFormats();
  const say = (value: number) => (isRatio ? format.number(value, 2) : format.percent(value));
  if (of.n === 0) return <span class="muted">{t('noData')}</span>;
  const [lower, upper] = [say(of.lower), say(of.upper)];
  return (
    <>
      {say(of.estimate)}
      <br />
      <small class="muted">{t('interval', { lower, upper, count: of.n })}</small>
    </>
  );
}

function Remarks({ remarks, few }: { readonly remarks: readonly Remark[]; readonly few: boolean }) {
  const t = useTexts(figuresTexts);
  if (remarks.length === 0) return <span class="muted">{t(few ? 'few' : 'none')}</span>;
  return (
    <>
      {remarks.map((remark) => (
        <span key={remark} class="badge badge-warn">
          {t(remark)}
        </span>
      ))}
    </>
  );
}

type Share = {
  readonly [Key in keyof Measured]: Measured[Key] extends Estimate ? Key : never;
}[keyof Measured];

function MeasuredTable({ lines }: { readonly lines: readonly Line[] }) {
  const t = useTexts(figuresTexts);
  const format = useFormats();
  const share = (key: Share, title: string): Column<Line> => ({
    key,
    title,
    isNumber: true,
    cell: (line) => <Figure of={line[key]} />,
  });
  return (
    <Table
      caption={t('title')}
      rows={lines}
      rowKey={({ key }) => key}
      columns={[
        { key: 'who', title: t('who'), isHeading: true, cell: ({ who }) => who },
        {
          key: 'remarks',
          title: t('remarks'),
          cell: ({ remarks, few }) => <Remarks remarks={remarks} few={few} />,
        },
        { key: 'looks', title: t('looks'), isNumber: true, cell: ({ looks }) => format.number(looks) },
        {
          key: 'confirmed',
          title: t('confirmed'),
          isNumber: true,
          cell: ({ confirmed }) => <Figure of={confirmed.ratio} isRatio />,
        },
        {
          key: 'streak',
          title: t('streak'),
          isNumber: true,
          cell: ({ zero_streak: { longest } }) => format.number(longest),
        },
        share('blind_agreement', t('blind')),
        share('seeded_right', t('seeded')),
        {
          key: 'minutes',
          title: t('minutes'),
          isNumber: true,
          cell: ({ minutes: { median } }) => format.number(median),
        },
        share('fell_before_visit', t('fell')),
        share('repeat_after_clean', t('repeat')),
        share('complaints_upheld', t('complaints')),
        share('reads_outside_queue', t('reads')),
      ]}
    />
  );
}

function UtilitiesTable({ utilities }: { readonly utilities: readonly UtilityCorrections[] }) {
  const t = useTexts(figuresTexts);
  const format = useFormats();
  return (
    <Table
      caption={t('utilities')}
      rows={utilities}
      rowKey={({ utility }) => utility}
      columns={[
        { key: 'utility', title: t('utility'), isHeading: true, cell: ({ utility }) => utility },
        {
          key: 'changed',
          title: t('changed'),
          isNumber: true,
          cell: ({ changed }) => format.number(changed),
        },
        {
          key: 'lower',
          title: t('lowerShare'),
          isNumber: true,
          cell: ({ lower_share: lower }) => <Figure of={lower} />,
        },
        {
          key: 'before',
          title: t('before'),
          isNumber: true,
          cell: ({ kwh_before: kwh }) => format.number(kwh),
        },
        { key: 'after', title: t('after'), isNumber: true, cell: ({ kwh_after: kwh }) => format.number(kwh) },
        {
          key: 'remark',
          title: t('remarks'),
          cell: ({ remark }) =>
            remark === null ? (
              <span class="muted">{t('none')}</span>
            ) : (
              <span class="badge badge-warn">{t(remark)}</span>
            ),
        },
      ]}
    />
  );
}
