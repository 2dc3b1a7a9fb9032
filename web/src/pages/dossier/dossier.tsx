import { useState } from 'preact/hooks';
import type { PageProps } from '../../app/page.js';
import { useSettings } from '../../app/settings.js';
import { useResource } from '../../app/use-resource.js';
import { ApiError, type Problem } from '../../api/problem.js';
import { Button } from '../../components/button.js';
import { SelectField } from '../../components/fields.js';
import { ErrorState, Loaded } from '../../components/states.js';
import { useFormats, useSentence, useTexts, type Sentence } from '../../i18n/use-texts.js';
import { dossierTexts } from './dossier.texts.js';

/** What the page says of the case before anything is opened: the case's own page has it, and is recorded as before. */
interface CaseHead {
  readonly state_name: Sentence;
  readonly metering_point: string;
  readonly territory: { readonly name: Sentence };
  readonly month_kwh: number | null;
}

/** Where a dossier is asked for: language, with or without identity, on paper or as data. */
export default function DossierPage({ values }: PageProps) {
  const t = useTexts(dossierTexts);
  const format = useFormats();
  const say = useSentence();
  const head = useResource<CaseHead>(`/api/v1/cases/${values.id}`);
  return (
    <div class="page">
      <p>
        <a href={`/cases/${values.id}`}>{t('back')}</a>
      </p>
      <Loaded resource={head}>
        {(file) => (
          <div class="page-parts">
            <h1>{t('title', { id: values.id })}</h1>
            <p class="muted">
              {say(file.state_name)} · {file.metering_point} · {say(file.territory.name)} ·{' '}
              {t('kwhMonth', { kwh: format.number(file.month_kwh) })}
            </p>
            <p>{t('intro')}</p>
            <Options id={values.id} />
          </div>
        )}
      </Loaded>
    </div>
  );
}

function Options({ id }: { readonly id: string }) {
  const t = useTexts(dossierTexts);
  const settings = useSettings();
  const [language, setLanguage] = useState<string>(settings.language);
  const [isNamed, setIsNamed] = useState(false);
  const [isMaking, setIsMaking] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const query = `language=${language}&identity=${isNamed}`;
  const base = `/api/v1/cases/${id}/dossier`;
  const print = (): void => {
    setIsMaking(true);
    setFailure(null);
    download(`${base}/pdf?${query}`, `case-${id}-${language}.pdf`)
      .catch(setFailure)
      .finally(() => setIsMaking(false));
  };
  return (
    <section class="panel">
      <div class="options">
        <SelectField
          label={t('language')}
          value={language}
          options={[
            { value: 'ru', label: t('ru') },
            { value: 'en', label: t('en') },
          ]}
          onValue={setLanguage}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={isNamed}
            onChange={(event) => setIsNamed(event.currentTarget.checked)}
          />
          <span>
            {t('identity')}
            <small>{t('identityHint')}</small>
          </span>
        </label>
      </div>
      <div class="pager">
        <Button look="primary" disabled={isMaking} onClick={print}>
          {isMaking ? t('making') : t('pdf')}
        </Button>
        <a class="button link-button" href={`${base}/page?${query}`} target="_blank" rel="noreferrer">
          {t('page')}
        </a>
        <a class="button link-button" href={`${base}?${query}`} download={`case-${id}.json`}>
          {t('data')}
        </a>
      </div>
      {failure !== null && <ErrorState error={failure} retry={print} />}
      <p class="muted">{t('pdfNote')}</p>
      <p class="muted">{t('recorded')}</p>
    </section>
  );
}

/** By fetch and not by a link, so that a refusal is said on this page and not in an empty one. */
async function download(path: string, name: string): Promise<void> {
  const answer = await fetch(path);
  if (!answer.ok) throw new ApiError((await answer.json()) as Problem);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
