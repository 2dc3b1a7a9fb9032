import { useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { session } from '../../app/session-store.js';
import { useResource } from '../../app/use-resource.js';
import type { CaseLine } from '../../cases/types.js';
import { announce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { SelectField, TextField } from '../../components/fields.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { errorLine } from '../../components/states.js';
import { useTexts } from '../../i18n/use-texts.js';
import { queueTexts } from './queue.texts.js';

interface BulkActionsProps {
  readonly chosen: readonly CaseLine[];
  readonly onDone: () => void;
}

interface Worker {
  readonly id: number;
  readonly name: string;
  readonly role: string;
}

/** What may be done to several cases at once: tags and hands. Never a decision: each is somebody's home. */
export function BulkActions({ chosen, onDone }: BulkActionsProps) {
  const t = useTexts(queueTexts);
  const shared = useTexts(sharedTexts);
  const [tag, setTag] = useState('');
  const [inspector, setInspector] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const mayAssign = session.get()?.role === 'supervisor';
  const workers = useResource<{ readonly items: readonly Worker[] }>(
    mayAssign ? '/api/v1/cases/workers' : null,
  );
  const inspectors = workers.data?.items.filter(({ role }) => role === 'inspector') ?? [];
  const send = async (path: string, body: object): Promise<void> => {
    setIsBusy(true);
    try {
      await api(path, { method: 'POST', body });
      announce(t('bulkDone', { count: chosen.length }));
      onDone();
    } catch (error) {
      announce(errorLine(error, shared) ?? '', 'failed');
    } finally {
      setIsBusy(false);
    }
  };
  const changeTags = (change: 'add' | 'remove'): void =>
    void send('/api/v1/cases/tags', { ids: chosen.map(({ id }) => id), [change]: [tag.trim()] });
  const assign = (): void =>
    void send('/api/v1/cases/assignments', {
      cases: chosen.map(({ id, version }) => ({ id, version })),
      inspector: Number(inspector),
    });
  const canTag = chosen.length > 0 && tag.trim() !== '' && !isBusy;
  return (
    <div class="bulk" role="group" aria-label={t('bulk')}>
      <p role="status">{t('chosen', { count: chosen.length })}</p>
      <TextField label={t('tag')} value={tag} autocomplete="off" onText={setTag} />
      <Button disabled={!canTag} onClick={() => changeTags('add')}>
        {t('addTag')}
      </Button>
      <Button look="quiet" disabled={!canTag} onClick={() => changeTags('remove')}>
        {t('removeTag')}
      </Button>
      {mayAssign && (
        <>
          <SelectField
            label={t('inspector')}
            value={inspector}
            options={[
              { value: '', label: t('choose') },
              ...inspectors.map(({ id, name }) => ({ value: String(id), label: name })),
            ]}
            onValue={setInspector}
          />
          <Button disabled={chosen.length === 0 || inspector === '' || isBusy} onClick={assign}>
            {t('assign')}
          </Button>
        </>
      )}
    </div>
  );
}
