import { useRef, useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { useShortcuts } from '../../app/keys.js';
import type { CaseDetails, Visit } from '../../cases/types.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { TextField } from '../../components/fields.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { useFormats, useSentence, useTexts } from '../../i18n/use-texts.js';
import { caseTexts } from './case.texts.js';
import { FINDINGS, type FindingCode } from './codes.js';
import { WordsField } from './decision.js';
import type { Work } from './work.js';

interface WorkProps {
  readonly file: CaseDetails;
  readonly work: Work;
  /** May change the case, and not only read it. */
  readonly mayWork: boolean;
}

export function Comments({ file, work, mayWork }: WorkProps) {
  const t = useTexts(caseTexts);
  const format = useFormats();
  const [words, setWords] = useState('');
  const section = useRef<HTMLElement>(null);
  useShortcuts(
    mayWork
      ? [
          {
            keys: 'c',
            label: t('keyComment'),
            run: () => section.current?.querySelector('textarea')?.focus(),
          },
        ]
      : [],
  );
  const submit = (event: Event): void => {
    event.preventDefault();
    if (words.trim() === '') return;
    const body = { words: words.trim() };
    void work
      .run(() => api(`/api/v1/cases/${file.id}/comments`, { method: 'POST', body }), t('commented'))
      .then((done) => done && setWords(''));
  };
  return (
    <section class="panel" ref={section}>
      <h2>{t('commentsTitle')}</h2>
      {file.comments.length === 0 && <p class="muted">{t('noComments')}</p>}
      <ol class="comments">
        {file.comments.map((comment) => (
          <li key={comment.id}>
            <p class="muted">
              {comment.name} · {format.moment(comment.at, file.point.zone)}
            </p>
            <p class="words">{comment.words}</p>
          </li>
        ))}
      </ol>
      {mayWork && (
        <form class="stack" onSubmit={submit}>
          <WordsField label={t('comment')} value={words} onText={setWords} />
          <Button type="submit" disabled={words.trim() === '' || work.isBusy}>
            {t('addComment')}
          </Button>
        </form>
      )}
    </section>
  );
}

/** Visits with what they found, what the household says, and photographs. */
export function Visits({ file, work, mayWork }: WorkProps) {
  const t = useTexts(caseTexts);
  const [dialog, setDialog] = useState<'book' | 'report' | null>(null);
  const open = file.visits.find(({ done_at: doneAt }) => doneAt === null);
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t('visitsTitle')}</h2>
        {mayWork && (
          <div class="panel-tools">
            <Button look="quiet" onClick={() => setDialog('book')}>
              {t(open ? 'rebookVisit' : 'bookVisit')}
            </Button>
            {open && <Button onClick={() => setDialog('report')}>{t('reportVisit')}</Button>}
          </div>
        )}
      </header>
      {file.visits.length === 0 && <p class="muted">{t('noVisits')}</p>}
      {file.visits.map((visit) => (
        <VisitView key={visit.id} visit={visit} file={file} work={work} mayWork={mayWork} />
      ))}
      {dialog === 'book' && <BookDialog file={file} work={work} onClose={() => setDialog(null)} />}
      {dialog === 'report' && open && (
        <ReportDialog file={file} visit={open} work={work} onClose={() => setDialog(null)} />
      )}
    </section>
  );
}

function VisitView({ visit, file, work, mayWork }: WorkProps & { readonly visit: Visit }) {
  const t = useTexts(caseTexts);
  const say = useSentence();
  const format = useFormats();
  const input = useRef<HTMLInputElement>(null);
  const send = (picked: File | undefined): void => {
    if (picked === undefined) return;
    const path = `/api/v1/cases/${file.id}/visits/${visit.id}/photographs`;
    void work.run(() => api(path, { method: 'POST', body: picked }), t('photographAdded'));
    if (input.current) input.current.value = '';
  };
  return (
    <article class="visit">
      <p>
        {visit.done_at === null
          ? t('bookedFor', { moment: format.moment(visit.booked_for, file.point.zone) })
          : t('doneAt', { moment: format.moment(visit.done_at, file.point.zone) })}
      </p>
      {visit.findings.length > 0 && (
        <ul class="plain-list">
          {visit.findings.map(({ finding, sentence }) => (
            <li key={finding}>{say(sentence)}</li>
          ))}
        </ul>
      )}
      {visit.explanation && <blockquote class="words">{visit.explanation}</blockquote>}
      <div class="photographs">
        {visit.photographs.map(({ sha256 }, at) => (
          <a
            key={sha256}
            href={`/api/v1/cases/${file.id}/photographs/${sha256}`}
            target="_blank"
            rel="noreferrer"
          >
            <img
              src={`/api/v1/cases/${file.id}/photographs/${sha256}`}
              alt={t('photograph', { number: at + 1 })}
              loading="lazy"
            />
          </a>
        ))}
      </div>
      {mayWork && (
        <label class="file">
          <span>{t('addPhotograph')}</span>
          <small class="muted">{t('photographHint')}</small>
          <input
            ref={input}
            type="file"
            accept="image/jpeg,image/png,image/webp"
            onChange={(event) => send(event.currentTarget.files?.[0])}
          />
        </label>
      )}
    </article>
  );
}

interface VisitDialogProps {
  readonly file: CaseDetails;
  readonly work: Work;
  readonly onClose: () => void;
}

function BookDialog({ file, work, onClose }: VisitDialogProps) {
  const t = useTexts(caseTexts);
  const shared = useTexts(sharedTexts);
  const [time, setTime] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    onClose();
    const body = { version: file.version, booked_for: new Date(time).toISOString() };
    void work.run(() => api(`/api/v1/cases/${file.id}/visits`, { method: 'POST', body }), t('booked'));
  };
  return (
    <Dialog title={t('bookVisit')} onClose={onClose}>
      <form onSubmit={submit}>
        <TextField label={t('visitTime')} type="datetime-local" required value={time} onText={setTime} />
        <div class="dialog-actions">
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button look="primary" type="submit">
            {t('book')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function ReportDialog({ file, visit, work, onClose }: VisitDialogProps & { readonly visit: Visit }) {
  const t = useTexts(caseTexts);
  const shared = useTexts(sharedTexts);
  const [time, setTime] = useState('');
  const [findings, setFindings] = useState<readonly FindingCode[]>([]);
  const [explanation, setExplanation] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    onClose();
    const body = {
      version: file.version,
      done_at: new Date(time).toISOString(),
      findings,
      explanation: explanation.trim() || null,
    };
    const path = `/api/v1/cases/${file.id}/visits/${visit.id}/report`;
    void work.run(() => api(path, { method: 'POST', body }), t('reported'));
  };
  const toggle = (finding: FindingCode, isFound: boolean): void =>
    setFindings(isFound ? [...findings, finding] : findings.filter((each) => each !== finding));
  return (
    <Dialog title={t('reportVisit')} onClose={onClose} wide>
      <form onSubmit={submit}>
        <TextField label={t('visitDone')} type="datetime-local" required value={time} onText={setTime} />
        <fieldset class="findings">
          <legend>{t('findings')}</legend>
          {FINDINGS.map((finding) => (
            <label key={finding} class="check">
              <input
                type="checkbox"
                checked={findings.includes(finding)}
                onChange={(event) => toggle(finding, event.currentTarget.checked)}
              />
              <span>{t(`finding_${finding}`)}</span>
            </label>
          ))}
        </fieldset>
        <WordsField label={t('explanation')} value={explanation} onText={setExplanation} />
        <div class="dialog-actions">
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button look="primary" type="submit" disabled={findings.length === 0}>
            {t('report')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
