import { useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { StateBadge } from '../../cases/marks.js';
import type { CaseDetails, CaseState } from '../../cases/types.js';
import { Button } from '../../components/button.js';
import { TextField } from '../../components/fields.js';
import { useTexts } from '../../i18n/use-texts.js';
import { caseTexts } from './case.texts.js';
import type { Work } from './work.js';

interface LinksProps {
  readonly file: CaseDetails;
  readonly work: Work;
  readonly mayWork: boolean;
}

/** Cases that have to do with this one, as somebody said; both ends show it. */
export function Links({ file, work, mayWork }: LinksProps) {
  const t = useTexts(caseTexts);
  const [to, setTo] = useState('');
  const [words, setWords] = useState('');
  const path = `/api/v1/cases/${file.id}/links`;
  const add = (event: Event): void => {
    event.preventDefault();
    const body = { to: Number(to), words: words.trim() };
    void work
      .run(() => api(path, { method: 'POST', body }), t('linked', { id: to }))
      .then((done) => {
        if (!done) return;
        setTo('');
        setWords('');
      });
  };
  const remove = (id: number): void =>
    void work.run(() => api(`${path}/${id}`, { method: 'DELETE' }), t('unlinked', { id: String(id) }));
  return (
    <section class="panel">
      <h2>{t('linksTitle')}</h2>
      {file.links.length === 0 && <p class="muted">{t('noLinks')}</p>}
      <ul class="plain-list case-links">
        {file.links.map((link) => (
          <li key={link.id}>
            <a href={`/cases/${link.id}`}>{t('title', { id: String(link.id) })}</a>{' '}
            <StateBadge state={link.state as CaseState} /> <span class="words">{link.words}</span>
            {mayWork && (
              <Button
                look="quiet"
                disabled={work.isBusy}
                aria-label={t('unlinkOf', { id: String(link.id) })}
                onClick={() => remove(link.id)}
              >
                {t('unlink')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayWork && (
        <form class="stack" onSubmit={add}>
          <TextField label={t('linkTo')} type="number" min={1} required value={to} onText={setTo} />
          <TextField label={t('linkWords')} value={words} onText={setWords} />
          <Button type="submit" disabled={to === '' || work.isBusy}>
            {t('link')}
          </Button>
        </form>
      )}
    </section>
  );
}
