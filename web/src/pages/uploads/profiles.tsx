import { useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import type { Resource } from '../../app/use-resource.js';
import { announce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { SelectField, TextField } from '../../components/fields.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { errorLine, Loaded } from '../../components/states.js';
import { Table } from '../../components/table.js';
import type { Say } from '../../i18n/texts.js';
import { useTexts } from '../../i18n/use-texts.js';
import { OptionsFields } from './options-fields.js';
import { optionsTexts } from './options.texts.js';
import { KINDS, type UploadProfile } from './types.js';
import { uploadsTexts } from './uploads.texts.js';

export interface ProfilesAnswer {
  readonly items: readonly UploadProfile[];
}

const NEW_PROFILE: UploadProfile = { name: '', kind: null, zone: null, options: {} };

/** Saved ways of reading files: listed, edited, deleted; the drop zone uses them. */
export function Profiles({ profiles }: { readonly profiles: Resource<ProfilesAnswer> }) {
  const t = useTexts(optionsTexts);
  const names = useTexts(uploadsTexts);
  const shared = useTexts(sharedTexts);
  const [edited, setEdited] = useState<UploadProfile | null>(null);
  const remove = async (name: string): Promise<void> => {
    try {
      await api(`/api/v1/upload-profiles?${new URLSearchParams({ name })}`, { method: 'DELETE' });
      announce(t('removed', { name }));
      profiles.reload();
    } catch (error) {
      announce(errorLine(error, shared) ?? '', 'failed');
    }
  };
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t('profiles')}</h2>
        <Button onClick={() => setEdited(NEW_PROFILE)}>{t('addProfile')}</Button>
      </header>
      <p class="muted">{t('profilesWords')}</p>
      <Loaded resource={profiles}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="muted">{t('noProfiles')}</p>
          ) : (
            <Table
              caption={t('profiles')}
              rows={items}
              rowKey={({ name }) => name}
              columns={[
                { key: 'name', title: t('profile'), isHeading: true, cell: ({ name }) => name },
                {
                  key: 'kind',
                  title: names('kind'),
                  cell: ({ kind }) => names(kind === null ? 'kind_auto' : `kind_${kind}`),
                },
                { key: 'reads', title: t('reads'), cell: (profile) => wordsOf(profile, t) },
                {
                  key: 'acts',
                  title: t('acts'),
                  cell: (profile) => (
                    <div class="panel-tools">
                      <Button
                        look="quiet"
                        aria-label={t('editOf', { name: profile.name })}
                        onClick={() => setEdited(profile)}
                      >
                        {t('edit')}
                      </Button>
                      <Button
                        look="quiet"
                        aria-label={t('removeOf', { name: profile.name })}
                        onClick={() => void remove(profile.name)}
                      >
                        {t('remove')}
                      </Button>
                    </div>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {edited !== null && (
        <ProfileDialog
          profile={edited}
          onClose={() => setEdited(null)}
          onSaved={(name) => {
            setEdited(null);
            announce(t('saved', { name }));
            profiles.reload();
          }}
        />
      )}
    </section>
  );
}

interface ProfileDialogProps {
  readonly profile: UploadProfile;
  readonly onClose: () => void;
  readonly onSaved: (name: string) => void;
}

function ProfileDialog({ profile, onClose, onSaved }: ProfileDialogProps) {
  const t = useTexts(optionsTexts);
  const names = useTexts(uploadsTexts);
  const shared = useTexts(sharedTexts);
  const [draft, setDraft] = useState(profile);
  const [failure, setFailure] = useState<string | null>(null);
  const { point, ...reading } = draft.options;
  const save = (event: Event): void => {
    event.preventDefault();
    const { name, kind, zone, options } = draft;
    api('/api/v1/upload-profiles', { method: 'PUT', body: { name, kind, zone: zone || null, options } }).then(
      () => onSaved(name),
      (error: unknown) => setFailure(errorLine(error, shared)),
    );
  };
  return (
    <Dialog title={profile.name || t('addProfile')} onClose={onClose}>
      <form onSubmit={save}>
        {/* Another name would be another profile. */}
        {profile.name === '' && (
          <TextField
            label={t('profileName')}
            hint={t('nameHint')}
            required
            autocomplete="off"
            value={draft.name}
            onText={(name) => setDraft({ ...draft, name })}
          />
        )}
        <SelectField
          label={names('kind')}
          value={draft.kind ?? ''}
          options={[
            { value: '', label: names('kind_auto') },
            ...KINDS.map((value) => ({ value, label: names(`kind_${value}`) })),
          ]}
          onValue={(kind) => setDraft({ ...draft, kind: KINDS.find((each) => each === kind) ?? null })}
        />
        <TextField
          label={names('zone')}
          hint={names('zoneHint')}
          autocomplete="off"
          value={draft.zone ?? ''}
          onText={(zone) => setDraft({ ...draft, zone })}
        />
        <OptionsFields
          options={reading}
          onOptions={(options) => setDraft({ ...draft, options: { ...options, ...(point && { point }) } })}
        />
        <TextField
          label={t('point')}
          hint={t('pointHint')}
          autocomplete="off"
          value={point ?? ''}
          onText={(text) => setDraft({ ...draft, options: { ...reading, ...(text && { point: text }) } })}
        />
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
    </Dialog>
  );
}

/** What a profile says, in a line. */
function wordsOf({ zone, options }: UploadProfile, t: Say<typeof optionsTexts.en>): string {
  const { unit, label, ct, ct_ratio: ratio, point } = options;
  const parts = [
    unit && t(`unit_${unit}`),
    label && `${t('label')} ${t(`label_${label}`)}`,
    ct && `${t('ct')} ${t(`ct_${ct}`)}${ratio === undefined ? '' : ` (${ratio})`}`,
    zone,
    point,
  ];
  return parts.filter(Boolean).join(' · ') || t('asUsual');
}
