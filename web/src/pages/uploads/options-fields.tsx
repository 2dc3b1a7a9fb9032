import { SelectField, TextField } from '../../components/fields.js';
import { useTexts } from '../../i18n/use-texts.js';
import { optionsTexts } from './options.texts.js';
import { CT_STATES, UNITS, type ReadingOptions } from './types.js';

interface OptionsFieldsProps {
  readonly options: ReadingOptions;
  readonly onOptions: (options: ReadingOptions) => void;
  /** Only what belongs to this question; all without it. */
  readonly about?: 'unit' | 'label' | 'ct';
}

/** How values and times of a file are to be read where it does not say so itself. */
export function OptionsFields({ options, onOptions, about }: OptionsFieldsProps) {
  const t = useTexts(optionsTexts);
  const shows = (part: 'unit' | 'label' | 'ct'): boolean => about === undefined || about === part;
  const asUsual = { value: '', label: t(about === undefined ? 'asUsual' : 'choose') };
  const change = (part: Partial<ReadingOptions>): void => onOptions(withoutGaps({ ...options, ...part }));
  const needsRatio = options.ct === 'not-applied' || options.ct === 'twice';
  return (
    <>
      {shows('unit') && (
        <SelectField
          label={t('unit')}
          value={options.unit ?? ''}
          options={[asUsual, ...UNITS.map((value) => ({ value, label: t(`unit_${value}`) }))]}
          onValue={(unit) => change({ unit: UNITS.find((each) => each === unit) })}
        />
      )}
      {shows('label') && (
        <SelectField
          label={t('label')}
          value={options.label ?? ''}
          options={[
            asUsual,
            { value: 'start', label: t('label_start') },
            { value: 'end', label: t('label_end') },
          ]}
          onValue={(label) => change({ label: label === 'start' || label === 'end' ? label : undefined })}
        />
      )}
      {shows('ct') && (
        <SelectField
          label={t('ct')}
          value={options.ct ?? ''}
          options={[asUsual, ...CT_STATES.map((value) => ({ value, label: t(`ct_${value}`) }))]}
          onValue={(ct) =>
            change({ ct: CT_STATES.find((each) => each === ct), ct_ratio: ratioFor(ct, options.ct_ratio) })
          }
        />
      )}
      {shows('ct') && needsRatio && (
        <TextField
          label={t('ratio')}
          type="number"
          min={1}
          step="any"
          required
          value={String(options.ct_ratio ?? '')}
          onText={(text) => change({ ct_ratio: text === '' ? undefined : Number(text) })}
        />
      )}
    </>
  );
}

/** The service takes a ratio only where one is needed. */
function ratioFor(ct: string, ratio: number | undefined): number | undefined {
  return ct === 'not-applied' || ct === 'twice' ? ratio : undefined;
}

function withoutGaps(options: ReadingOptions): ReadingOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
