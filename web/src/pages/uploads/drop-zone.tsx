import { useRef, useState } from 'preact/hooks';
import { OfflineError } from '../../api/problem.js';
import { Button } from '../../components/button.js';
import { SelectField, TextField } from '../../components/fields.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { sendFile, type Sending } from './send-file.js';
import { optionsTexts } from './options.texts.js';
import { KINDS, type UploadProfile } from './types.js';
import { uploadsTexts } from './uploads.texts.js';

interface Transfer {
  readonly key: number;
  readonly file: File;
  readonly share: number;
  readonly state: 'sending' | 'done' | 'repeated' | 'failed' | 'stopped';
  readonly id?: number;
  readonly why?: string;
  readonly sha256?: string;
}

/** Takes files by drop or by choice and sends them one after the other: a registry before its readings. */
export function DropZone({
  profiles,
  onReceived,
}: {
  readonly profiles: readonly UploadProfile[];
  readonly onReceived: () => void;
}) {
  const t = useTexts(uploadsTexts);
  const ways = useTexts(optionsTexts);
  const [profile, setProfile] = useState('');
  const [kind, setKind] = useState('auto');
  const [zone, setZone] = useState('');
  const [isOver, setIsOver] = useState(false);
  const [transfers, setTransfers] = useState<readonly Transfer[]>([]);
  const next = useRef(0);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const running = useRef(new Map<number, Sending>());

  const change = (key: number, with_: Partial<Transfer>): void =>
    setTransfers((all) => all.map((each) => (each.key === key ? { ...each, ...with_ } : each)));

  const send = async (key: number, file: File): Promise<void> => {
    const options = { kind: kind === 'auto' ? null : kind, zone, profile };
    const sending = sendFile(file, options, (share) => change(key, { share }));
    running.current.set(key, sending);
    try {
      const { receipt, isRepeated } = await sending.done;
      const { id, sha256 } = receipt;
      change(key, { state: isRepeated ? 'repeated' : 'done', share: 1, id, sha256 });
    } catch (error) {
      const isStopped = error instanceof DOMException;
      const why = error instanceof OfflineError ? t('cut') : (error as Error).message;
      change(key, isStopped ? { state: 'stopped' } : { state: 'failed', why });
    } finally {
      running.current.delete(key);
      onReceived();
    }
  };

  const take = (files: FileList | null | undefined): void => {
    for (const file of files ?? []) {
      const key = next.current++;
      setTransfers((all) => [...all, { key, file, share: 0, state: 'sending' }]);
      queue.current = queue.current.then(() => send(key, file));
    }
  };

  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t('dropTitle')}</h2>
      </header>
      <div class="options">
        <SelectField
          label={t('kind')}
          value={kind}
          options={['auto' as const, ...KINDS].map((value) => ({ value, label: t(`kind_${value}`) }))}
          onValue={setKind}
        />
        <TextField label={t('zone')} hint={t('zoneHint')} value={zone} autocomplete="off" onText={setZone} />
        {profiles.length > 0 && (
          <SelectField
            label={ways('profile')}
            value={profile}
            options={[
              { value: '', label: ways('noProfile') },
              ...profiles.map(({ name }) => ({ value: name, label: name })),
            ]}
            onValue={setProfile}
          />
        )}
      </div>
      <div
        class={isOver ? 'drop-zone drop-zone-over' : 'drop-zone'}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setIsOver(false);
          take(event.dataTransfer?.files);
        }}
      >
        <label>
          {t('dropWords')} <span class="drop-choose">{t('choose')}</span>
          <input
            type="file"
            multiple
            class="visually-hidden"
            onChange={(event) => {
              take(event.currentTarget.files);
              event.currentTarget.value = '';
            }}
          />
        </label>
        <p class="muted">{t('dropNote')}</p>
      </div>
      <ul class="transfers" aria-live="polite">
        {transfers.map((transfer) => (
          <TransferLine
            key={transfer.key}
            transfer={transfer}
            onStop={() => running.current.get(transfer.key)?.stop()}
            onAgain={() => {
              change(transfer.key, { state: 'sending', share: 0 });
              queue.current = queue.current.then(() => send(transfer.key, transfer.file));
            }}
          />
        ))}
      </ul>
    </section>
  );
}

function TransferLine({
  transfer,
  onStop,
  onAgain,
}: {
  readonly transfer: Transfer;
  readonly onStop: () => void;
  readonly onAgain: () => void;
}) {
  const t = useTexts(uploadsTexts);
  const format = useFormats();
  const { file, share, state, id, why, sha256 } = transfer;
  const { name } = file;
  if (state === 'sending')
    return (
      <li class="transfer">
        <span>
          {share < 1 ? t('sending', { name, percent: format.percent(share) }) : t('checking', { name })}
        </span>
        <progress max={1} value={share} aria-label={name} />
        <Button look="quiet" onClick={onStop}>
          {t('cancel')}
        </Button>
      </li>
    );
  if (state === 'done' || state === 'repeated')
    return (
      <li class="transfer">
        <a href={`/uploads/${id}`}>{t(state === 'done' ? 'sent' : 'repeated', { name, id: String(id) })}</a>
        <code class="hash">{sha256}</code>
      </li>
    );
  return (
    <li class="transfer transfer-failed">
      <span>{t('failed', { name, why: why ?? t('cut') })}</span>
      <Button onClick={onAgain}>{t('again')}</Button>
    </li>
  );
}
