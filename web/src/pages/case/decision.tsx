import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { useShortcuts } from '../../app/keys.js';
import { session } from '../../app/session-store.js';
import { settings } from '../../app/settings.js';
import type { CaseDetails, HistoryStep } from '../../cases/types.js';
import { announce } from '../../components/announcer.js';
import { Button, Key } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { Field } from '../../components/fields.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { useFormats, useSentence, useTexts } from '../../i18n/use-texts.js';
import { caseTexts } from './case.texts.js';
import { REASONS, SECOND_LOOK_SCORE, type ReasonCode, type Verdict } from './codes.js';
import type { Work } from './work.js';

/** What somebody is about to say; kept while the dialog is closed, so that a conflict costs nobody their words. */
export interface Draft {
  readonly reason: ReasonCode | null;
  readonly words: string;
}

export const NO_DRAFT: Draft = { reason: null, words: '' };

interface DecideDialogProps {
  readonly file: CaseDetails;
  readonly verdict: Verdict;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly work: Work;
  readonly onClose: () => void;
}

/** Verdict, reason, words. A digit picks the reason, Enter decides: two keys after the one that opened it. */
export function DecideDialog({ file, verdict, draft, onDraft, work, onClose }: DecideDialogProps) {
  const t = useTexts(caseTexts);
  const shared = useTexts(sharedTexts);
  const reasons: readonly ReasonCode[] = REASONS[verdict];
  const reason = draft.reason !== null && reasons.includes(draft.reason) ? draft.reason : null;
  const needsWords = reason === 'other' && draft.words.trim() === '';
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (reason === null || needsWords || work.isBusy) return;
    const body = { version: file.version, verdict, reason, words: draft.words.trim() };
    onClose();
    const done = await work.run(() => api(`/api/v1/cases/${file.id}/decision`, { method: 'POST', body }));
    if (done) onDraft(NO_DRAFT);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!settings.get().shortcuts || (event.target as HTMLElement).tagName === 'TEXTAREA') return;
    const picked = reasons[Number(/^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? 0) - 1];
    if (picked === undefined) return;
    event.preventDefault();
    onDraft({ ...draft, reason: picked });
    document.getElementById(`reason-${picked}`)?.focus();
  };
  const goesOn = verdict === 'dismiss' && file.state !== 'second_look' && file.score >= SECOND_LOOK_SCORE;
  return (
    <Dialog title={t(verdict === 'confirm' ? 'confirmTitle' : 'dismissTitle')} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} onKeyDown={onKeyDown}>
        <fieldset class="reasons-choice">
          <legend>{t('reason')}</legend>
          {reasons.map((each, at) => (
            <label key={each} class="check">
              <input
                id={`reason-${each}`}
                type="radio"
                name="reason"
                required
                checked={reason === each}
                onChange={() => onDraft({ ...draft, reason: each })}
              />
              <span>{t(`reason_${each}`)}</span>
              <Key>{at + 1}</Key>
            </label>
          ))}
        </fieldset>
        <WordsField
          label={t('words')}
          hint={needsWords ? t('wordsNeeded') : t('wordsHint')}
          value={draft.words}
          onText={(words) => onDraft({ ...draft, words })}
        />
        <p class="muted">{goesOn ? t('secondLookHint') : t('decideHint')}</p>
        <div class="dialog-actions">
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button look="primary" type="submit" disabled={reason === null || needsWords || work.isBusy}>
            {t('decide')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Asks for a visit instead of deciding. */
export function VisitDialog({
  file,
  work,
  onClose,
}: {
  readonly file: CaseDetails;
  readonly work: Work;
  readonly onClose: () => void;
}) {
  const t = useTexts(caseTexts);
  const shared = useTexts(sharedTexts);
  const [words, setWords] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    onClose();
    const body = { version: file.version, words: words.trim() };
    void work.run(() => api(`/api/v1/cases/${file.id}/visit-request`, { method: 'POST', body }), t('asked'));
  };
  return (
    <Dialog title={t('visitTitle')} onClose={onClose}>
      <form onSubmit={submit}>
        <WordsField label={t('words')} hint={t('wordsHint')} value={words} onText={setWords} />
        <div class="dialog-actions">
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button look="primary" type="submit">
            {t('visit')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Several lines. */
export function WordsField({
  label,
  hint,
  value,
  onText,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onText: (text: string) => void;
}) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <textarea
          {...ids}
          rows={3}
          maxLength={4000}
          value={value}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

const SEALING_MS = 1000;

/** For the seconds in which a decision can be taken back. */
export function PendingDecision({
  file,
  work,
  reload,
}: {
  readonly file: CaseDetails;
  readonly work: Work;
  readonly reload: () => void;
}) {
  const t = useTexts(caseTexts);
  const decision = file.decision;
  const seconds = useSecondsUntil(decision?.seals_at ?? null);
  const isMine = decision !== null && decision.made_by === session.get()?.person?.id;
  const isDue = decision !== null && seconds <= 0;
  useEffect(() => {
    if (!isDue) return;
    reload();
    // The service's clock decides, and may be behind this one.
    const timer = setInterval(reload, SEALING_MS);
    return () => clearInterval(timer);
  }, [isDue]);
  const before = useRef<number | null>(null);
  const wasUndone = useRef(false);
  useEffect(() => {
    if (decision === null && before.current !== null && !wasUndone.current) announce(t('sealed'));
    if (decision !== null) wasUndone.current = false;
    before.current = decision?.id ?? null;
  }, [decision?.id]);
  const undo = async (): Promise<void> => {
    wasUndone.current = true;
    const path = `/api/v1/cases/${file.id}/decision`;
    wasUndone.current = await work.run(() => api(path, { method: 'DELETE' }), t('undone'));
  };
  useShortcuts(isMine ? [{ keys: 'u', label: t('undo'), run: () => void undo() }] : []);
  if (decision === null) return null;
  return (
    <div class="pending" role="status">
      {/* Read once by screen readers: a count that speaks each second would drown everything else. */}
      <p aria-hidden="true">
        {isMine
          ? t(decision.verdict === 'confirm' ? 'pendingConfirm' : 'pendingDismiss', {
              seconds: Math.max(seconds, 0),
            })
          : t('pendingOther')}
      </p>
      <p class="visually-hidden">
        {isMine
          ? `${t(decision.verdict === 'confirm' ? 'verdict_confirm' : 'verdict_dismiss')}. ${t('decideHint')}`
          : t('pendingOther')}
      </p>
      {isMine && (
        <Button onClick={() => void undo()} shortcut="U">
          {t('undo')}
        </Button>
      )}
    </div>
  );
}

/** Somebody else was faster: who, what, when. */
export function ConflictDialog({
  changes,
  zone,
  onReload,
}: {
  readonly changes: readonly HistoryStep[];
  readonly zone: string;
  readonly onReload: () => void;
}) {
  const t = useTexts(caseTexts);
  return (
    <Dialog title={t('conflictTitle')} onClose={onReload}>
      <p>{changes.length === 0 ? t('conflictNothing') : t('conflictWords')}</p>
      {changes.length > 0 && <Steps steps={changes} zone={zone} />}
      <p class="muted">{t('conflictKept')}</p>
      <div class="dialog-actions">
        <Button look="primary" onClick={onReload}>
          {t('conflictReload')}
        </Button>
      </div>
    </Dialog>
  );
}

/** What happened to a case, step by step. */
export function Steps({ steps, zone }: { readonly steps: readonly HistoryStep[]; readonly zone: string }) {
  const t = useTexts(caseTexts);
  const say = useSentence();
  const format = useFormats();
  return (
    <ol class="steps">
      {steps.map(({ version, sentence, at, actor, actor_name: name }) => (
        <li key={version}>
          <span>{say(sentence)}</span>
          <span class="muted">
            {format.moment(at, zone)} · {name ?? (/^(person|key) /.test(actor) ? actor : t('service'))}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Whole seconds until a moment, counted down. */
function useSecondsUntil(iso: string | null): number {
  const left = (): number => (iso === null ? 0 : Math.ceil((Date.parse(iso) - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left());
  useEffect(() => {
    setSeconds(left());
    if (iso === null) return;
    const timer = setInterval(() => setSeconds(left()), 250);
    return () => clearInterval(timer);
  }, [iso]);
  return seconds;
}
