import { useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { useResource } from '../../app/use-resource.js';
import { announce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { TextField } from '../../components/fields.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { errorLine, Loaded } from '../../components/states.js';
import { useTexts } from '../../i18n/use-texts.js';
import { accessTexts } from './access.texts.js';
import type { Person } from './people.js';

interface Worker {
  readonly id: number;
  readonly organisation: string;
  readonly home_territory: string | null;
  readonly queue_limit: number | null;
  readonly away: boolean;
}

/** For whom somebody inspects, and how much is dealt to them. */
export function WorkDialog({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const t = useTexts(accessTexts);
  const workers = useResource<{ readonly items: readonly Worker[] }>('/api/v1/cases/workers');
  return (
    <Dialog title={t('workTitle', { name: person.name })} onClose={onClose}>
      <Loaded resource={workers}>
        {({ items }) => (
          <WorkForm
            person={person}
            known={items.find(({ id }) => id === person.id) ?? null}
            onClose={onClose}
          />
        )}
      </Loaded>
    </Dialog>
  );
}

interface WorkFormProps {
  readonly person: Person;
  readonly known: Worker | null;
  readonly onClose: () => void;
}

function WorkForm({ person, known, onClose }: WorkFormProps) {
  const t = useTexts(accessTexts);
  const shared = useTexts(sharedTexts);
  const [organisation, setOrganisation] = useState(known?.organisation ?? '');
  const [home, setHome] = useState(known?.home_territory ?? '');
  const [limit, setLimit] = useState(known?.queue_limit?.toString() ?? '');
  const [isAway, setIsAway] = useState(known?.away ?? false);
  const [failure, setFailure] = useState<string | null>(null);
  const save = (event: Event): void => {
    event.preventDefault();
    const body = {
      organisation,
      home_territory: home.trim() === '' ? null : home.trim(),
      queue_limit: limit === '' ? null : Number(limit),
      away: isAway,
    };
    api(`/api/v1/cases/workers/${person.id}`, { method: 'PUT', body }).then(
      () => {
        announce(t('saved'));
        onClose();
      },
      (error: unknown) => setFailure(errorLine(error, shared)),
    );
  };
  return (
    <form onSubmit={save}>
      <TextField
        label={t('organisation')}
        hint={t('organisationHint')}
        value={organisation}
        onText={setOrganisation}
      />
      <TextField label={t('homeTerritory')} hint={t('homeTerritoryHint')} value={home} onText={setHome} />
      <TextField label={t('queueLimit')} type="number" min={0} value={limit} onText={setLimit} />
      <label class="check">
        <input
          type="checkbox"
          checked={isAway}
          onChange={(event) => setIsAway(event.currentTarget.checked)}
        />
        <span>{t('away')}</span>
      </label>
      {failure && (
        <p class="form-message" role="alert">
          {failure}
        </p>
      )}
      <div class="dialog-actions">
        <Button onClick={onClose}>{shared('cancel')}</Button>
        <Button look="primary" type="submit">
          {t('save')}
        </Button>
      </div>
    </form>
  );
}
