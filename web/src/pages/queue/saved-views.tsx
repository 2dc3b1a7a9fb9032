import { useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { useResource } from '../../app/use-resource.js';
import { announce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { TextField } from '../../components/fields.js';
import { errorLine } from '../../components/states.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { useTexts } from '../../i18n/use-texts.js';
import { apiFilter, filterFromView, queryFromFilter, type QueueFilter } from './filter.js';
import { queueTexts } from './queue.texts.js';

interface SavedView {
  readonly id: number;
  readonly name: string;
  readonly filter: Readonly<Record<string, string>>;
}

interface SavedViewsProps {
  readonly filter: QueueFilter;
  readonly onPick: (filter: QueueFilter) => void;
  readonly maySave: boolean;
}

/** Filters kept under a name, one's own. */
export function SavedViews({ filter, onPick, maySave }: SavedViewsProps) {
  const t = useTexts(queueTexts);
  const shared = useTexts(sharedTexts);
  const views = useResource<{ readonly items: readonly SavedView[] }>('/api/v1/cases/views');
  const [isNaming, setIsNaming] = useState(false);
  const items = views.data?.items ?? [];
  const isChanged = queryFromFilter(filter) !== '';
  const change = async (work: () => Promise<unknown>, said?: string): Promise<void> => {
    try {
      await work();
      views.reload();
      if (said) announce(said);
    } catch (error) {
      announce(errorLine(error, shared) ?? '', 'failed');
    }
  };
  if (items.length === 0 && !(maySave && isChanged)) return null;
  return (
    <div class="views" role="group" aria-label={t('views')}>
      {items.map((view) => (
        <span key={view.id} class="view">
          <button
            type="button"
            aria-pressed={queryFromFilter(filterFromView(view.filter)) === queryFromFilter(filter)}
            onClick={() => onPick(filterFromView(view.filter))}
          >
            {view.name}
          </button>
          {maySave && (
            <button
              type="button"
              aria-label={t('deleteView', { name: view.name })}
              onClick={() => void change(() => api(`/api/v1/cases/views/${view.id}`, { method: 'DELETE' }))}
            >
              ×
            </button>
          )}
        </span>
      ))}
      {maySave && isChanged && (
        <Button look="quiet" onClick={() => setIsNaming(true)}>
          {t('saveView')}
        </Button>
      )}
      {isNaming && (
        <NameDialog
          onClose={() => setIsNaming(false)}
          onName={(name) => {
            setIsNaming(false);
            const body = { name, filter: apiFilter(filter) };
            void change(() => api('/api/v1/cases/views', { method: 'POST', body }), t('viewSaved'));
          }}
        />
      )}
    </div>
  );
}

function NameDialog({
  onClose,
  onName,
}: {
  readonly onClose: () => void;
  readonly onName: (name: string) => void;
}) {
  const t = useTexts(queueTexts);
  const [name, setName] = useState('');
  return (
    <Dialog title={t('saveView')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) onName(name.trim());
        }}
      >
        <TextField label={t('viewName')} required value={name} onText={setName} />
        <div class="dialog-actions">
          <Button look="primary" type="submit">
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
