import { useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import type { CaseDetails } from '../../cases/types.js';
import { announce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { errorLine } from '../../components/states.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { useTexts } from '../../i18n/use-texts.js';
import { caseTexts } from './case.texts.js';

interface Shown {
  readonly consumer_name: string | null;
  readonly address: string | null;
}

/** Whose household it is: on a click, which is recorded. Never by a key, that one may press by accident. */
export function Identity({ file }: { readonly file: CaseDetails }) {
  const t = useTexts(caseTexts);
  const shared = useTexts(sharedTexts);
  const [shown, setShown] = useState<Shown | null>(null);
  const show = async (): Promise<void> => {
    try {
      const body = { reason: t('disclosureReason', { id: String(file.id) }) };
      setShown(
        await api<Shown>(`/api/v1/metering-points/${file.point.id}/disclosures`, { method: 'POST', body }),
      );
    } catch (error) {
      announce(errorLine(error, shared) ?? '', 'failed');
    }
  };
  if (shown === null)
    return (
      <p class="identity">
        <Button look="quiet" onClick={() => void show()}>
          {t('showAddress')}
        </Button>
        <small class="muted">{t('addressNote')}</small>
      </p>
    );
  if (shown.consumer_name === null && shown.address === null)
    return <p class="muted">{t('addressUnknown')}</p>;
  return (
    <dl class="identity facts">
      <div>
        <dt>{t('name')}</dt>
        <dd>{shown.consumer_name ?? t('unknown')}</dd>
      </div>
      <div>
        <dt>{t('address')}</dt>
        <dd>{shown.address ?? t('unknown')}</dd>
      </div>
    </dl>
  );
}
