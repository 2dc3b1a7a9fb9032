import { useEffect, useRef, useState } from 'preact/hooks';
import { useShortcuts } from '../../app/keys.js';
import { casesTexts } from '../../cases/cases.texts.js';
import { CASE_KINDS } from '../../cases/types.js';
import { Button } from '../../components/button.js';
import { SelectField, TextField } from '../../components/fields.js';
import { useTexts } from '../../i18n/use-texts.js';
import { NO_FILTER, queryFromFilter, SORTS, type QueueFilter, type Sort } from './filter.js';
import { queueTexts } from './queue.texts.js';

/** Between two keys of somebody who types. */
const TYPING_MS = 250;

interface FiltersProps {
  readonly filter: QueueFilter;
  readonly onChange: (filter: QueueFilter) => void;
}

export function Filters({ filter, onChange }: FiltersProps) {
  const t = useTexts(queueTexts);
  const names = useTexts(casesTexts);
  const box = useRef<HTMLDivElement>(null);
  useShortcuts([
    {
      keys: '/',
      label: t('keySearch'),
      run: () => box.current?.querySelector<HTMLElement>('input')?.focus(),
    },
  ]);
  return (
    <div class="filters" role="search" aria-label={t('filters')} ref={box}>
      <TypedField
        label={t('textFilter')}
        placeholder={t('textHint')}
        value={filter.text}
        onValue={(text) => onChange({ ...filter, text })}
      />
      <SelectField
        label={t('stateFilter')}
        value={filter.state}
        options={[
          { value: 'open', label: t('stateOpen') },
          { value: 'closed', label: t('stateClosed') },
          { value: 'all', label: t('stateAll') },
        ]}
        onValue={(state) => onChange({ ...filter, state: state as QueueFilter['state'] })}
      />
      <SelectField
        label={t('kindFilter')}
        value={filter.kind}
        options={[
          { value: '', label: t('any') },
          ...CASE_KINDS.map((kind) => ({ value: kind, label: names(`kind_${kind}`) })),
        ]}
        onValue={(kind) => onChange({ ...filter, kind })}
      />
      <TypedField
        label={t('minKwh')}
        type="number"
        value={filter.minKwh}
        onValue={(minKwh) => onChange({ ...filter, minKwh })}
      />
      <SelectField
        label={t('sortFilter')}
        value={filter.sort}
        options={SORTS.map((sort) => ({ value: sort, label: t(`sort_${sort}`) }))}
        onValue={(sort) => onChange({ ...filter, sort: sort as Sort })}
      />
      {queryFromFilter(filter) !== '' && (
        <Button look="quiet" onClick={() => onChange(NO_FILTER)}>
          {t('clear')}
        </Button>
      )}
    </div>
  );
}

interface TypedFieldProps {
  readonly label: string;
  readonly placeholder?: string;
  readonly type?: 'search' | 'number';
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** Tells what was typed once somebody pauses. */
function TypedField({ label, placeholder, type = 'search', value, onValue }: TypedFieldProps) {
  const [text, setText] = useState(value);
  const latest = useRef(onValue);
  latest.current = onValue;
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => latest.current(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <TextField
      label={label}
      type={type}
      min={type === 'number' ? 0 : undefined}
      placeholder={placeholder}
      value={text}
      onText={setText}
    />
  );
}
