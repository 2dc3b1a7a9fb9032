import { useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { session } from '../../app/session-store.js';
import { useStore } from '../../app/store.js';
import { announce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { errorLine } from '../../components/states.js';
import { useTexts } from '../../i18n/use-texts.js';
import { OptionsFields } from './options-fields.js';
import { optionsTexts } from './options.texts.js';
import type { ReadingOptions, Receipt } from './types.js';

interface QuestionProps {
  readonly receipt: Receipt;
  readonly onAnswered: () => void;
}

/** What is asked of the sender of a file that can be read in more than one way; who sent it answers here. */
export function QuestionPanel({ receipt: { id, question }, onAnswered }: QuestionProps) {
  const t = useTexts(optionsTexts);
  const shared = useTexts(sharedTexts);
  const who = useStore(session);
  const [options, setOptions] = useState<ReadingOptions>({});
  const [isBusy, setIsBusy] = useState(false);
  if (question === null) return null;
  const { about, text } = question;
  const answer = async (event: Event): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    try {
      await api(`/api/v1/uploads/${id}/answer`, { method: 'POST', body: options });
      announce(t('answered'));
      onAnswered();
    } catch (error) {
      announce(errorLine(error, shared) ?? '', 'failed');
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <section class="note">
      <h2>{t('questionTitle')}</h2>
      <p>{t(`question_${about}`)}</p>
      <p class="muted">
        {t('seen')}: <span lang="en">{text}</span>
      </p>
      {who?.role === 'utility' ? (
        <form class="stack" onSubmit={(event) => void answer(event)}>
          <p>{t('questionWords')}</p>
          <OptionsFields options={options} onOptions={setOptions} about={about} />
          <p>
            <Button look="primary" type="submit" disabled={isBusy || options[about] === undefined}>
              {t('answer')}
            </Button>
          </p>
        </form>
      ) : (
        <p>{t('questionElsewhere')}</p>
      )}
    </section>
  );
}
