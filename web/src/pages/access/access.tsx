import { session } from '../../app/session-store.js';
import { useStore } from '../../app/store.js';
import { useTexts } from '../../i18n/use-texts.js';
import { accessTexts } from './access.texts.js';
import { Keys } from './keys.js';
import { People } from './people.js';

/** Who may come in: people, and keys of machines. An auditor reads, an operator changes. */
export default function AccessPage() {
  const t = useTexts(accessTexts);
  const mayChange = useStore(session)?.role === 'operator';
  return (
    <div class="page">
      <h1>{t('title')}</h1>
      <People mayChange={mayChange} />
      <Keys mayChange={mayChange} />
    </div>
  );
}
