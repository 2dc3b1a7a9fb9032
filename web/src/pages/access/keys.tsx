import { useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { useResource } from '../../app/use-resource.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { SelectField, TextField } from '../../components/fields.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { errorLine } from '../../components/states.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { AccessList } from './access-list.js';
import { accessTexts } from './access.texts.js';
import { ConfirmDialog } from './confirm-dialog.js';
import { SecretDialog, type Secret } from './secret-dialog.js';

const ROLES = ['utility', 'inspector', 'supervisor', 'auditor', 'operator', 'metrics'] as const;
type Scope = 'read' | 'write';

interface Key {
  readonly prefix: string;
  readonly owner: string;
  readonly role: (typeof ROLES)[number];
  readonly scopes: readonly Scope[];
  readonly utility: string | null;
  readonly state: 'live' | 'expired' | 'revoked';
  readonly created_at: string;
  readonly expires_at: string;
  readonly last_used_at: string | null;
}

interface MadeKey {
  readonly key: string;
  readonly owner: string;
  readonly expires_at: string;
}

type Open =
  | { readonly what: 'add' }
  | { readonly what: 'revoke'; readonly key: Key }
  | { readonly what: 'secret'; readonly secret: Secret };

export function Keys({ mayChange }: { readonly mayChange: boolean }) {
  const t = useTexts(accessTexts);
  const format = useFormats();
  const [open, setOpen] = useState<Open | null>(null);
  const keys = useResource<{ readonly items: readonly Key[] }>('/api/v1/keys');
  const close = (): void => setOpen(null);
  const showKey = ({ key, owner, expires_at: until }: MadeKey): void => {
    keys.reload();
    const words = t('keyWords', { until: format.moment(until) });
    setOpen({ what: 'secret', secret: { title: t('keyTitle', { owner }), words, text: key } });
  };
  return (
    <AccessList
      title={t('keys')}
      empty={t('noKeys')}
      resource={keys}
      rowKey={({ prefix }) => prefix}
      add={mayChange ? { label: t('addKey'), run: () => setOpen({ what: 'add' }) } : null}
      columns={[
        { key: 'owner', title: t('owner'), isHeading: true, cell: ({ owner }) => owner },
        {
          key: 'role',
          title: t('role'),
          cell: ({ role, utility }) => `${t(`role_${role}`)}${utility ? ` · ${utility}` : ''}`,
        },
        {
          key: 'scopes',
          title: t('scopes'),
          cell: ({ scopes }) => (scopes.length === 2 ? t('scopeBoth') : t(`scope_${scopes[0]}`)),
        },
        { key: 'prefix', title: t('prefix'), cell: ({ prefix }) => <code>gw_{prefix}</code> },
        {
          key: 'state',
          title: t('state'),
          cell: ({ state }) => (
            <span class={state === 'live' ? 'badge badge-good' : 'badge'}>{t(`state_${state}`)}</span>
          ),
        },
        { key: 'created', title: t('created'), cell: ({ created_at: at }) => format.day(at) },
        { key: 'expires', title: t('expires'), cell: ({ expires_at: at }) => format.day(at) },
        {
          key: 'lastUsed',
          title: t('lastUsed'),
          cell: ({ last_used_at: at }) => (at === null ? t('never') : format.moment(at)),
        },
        ...(mayChange
          ? [
              {
                key: 'acts',
                title: t('acts'),
                cell: (key: Key) =>
                  key.state === 'live' && (
                    <Button
                      look="quiet"
                      aria-label={t('revoke', { prefix: key.prefix })}
                      onClick={() => setOpen({ what: 'revoke', key })}
                    >
                      {t('revokeShort')}
                    </Button>
                  ),
              },
            ]
          : []),
      ]}
    >
      {open?.what === 'add' && <AddKey onMade={showKey} onClose={close} />}
      {open?.what === 'secret' && <SecretDialog secret={open.secret} onClose={close} />}
      {open?.what === 'revoke' && (
        <ConfirmDialog
          title={t('revokeTitle', { owner: open.key.owner })}
          words={t('revokeWords')}
          action={t('revokeShort')}
          onClose={close}
          onConfirm={async () => {
            await api(`/api/v1/keys/${open.key.prefix}`, { method: 'DELETE' });
            keys.reload();
          }}
        />
      )}
    </AccessList>
  );
}

const SCOPES: Readonly<Record<string, readonly Scope[]>> = {
  read: ['read'],
  write: ['write'],
  both: ['read', 'write'],
};

function AddKey({
  onMade,
  onClose,
}: {
  readonly onMade: (key: MadeKey) => void;
  readonly onClose: () => void;
}) {
  const t = useTexts(accessTexts);
  const shared = useTexts(sharedTexts);
  const [owner, setOwner] = useState('');
  const [role, setRole] = useState<string>('utility');
  const [utility, setUtility] = useState('');
  const [scopes, setScopes] = useState('both');
  const [days, setDays] = useState('365');
  const [failure, setFailure] = useState<string | null>(null);
  const add = (event: Event): void => {
    event.preventDefault();
    const body = {
      owner,
      role,
      scopes: SCOPES[scopes],
      days: Number(days),
      ...(role === 'utility' ? { utility } : {}),
    };
    api<MadeKey>('/api/v1/keys', { method: 'POST', body }).then(onMade, (error: unknown) =>
      setFailure(errorLine(error, shared)),
    );
  };
  return (
    <Dialog title={t('addKey')} onClose={onClose}>
      <form onSubmit={add}>
        <TextField
          label={t('owner')}
          hint={t('ownerHint')}
          value={owner}
          required
          autocomplete="off"
          onText={setOwner}
        />
        <SelectField
          label={t('role')}
          value={role}
          options={ROLES.map((value) => ({ value, label: t(`role_${value}`) }))}
          onValue={setRole}
        />
        {role === 'utility' && (
          <TextField
            label={t('utility')}
            hint={t('utilityHint')}
            value={utility}
            required
            onText={setUtility}
          />
        )}
        <SelectField
          label={t('scopes')}
          value={scopes}
          options={[
            { value: 'both', label: t('scopeBoth') },
            { value: 'read', label: t('scope_read') },
            { value: 'write', label: t('scope_write') },
          ]}
          onValue={setScopes}
        />
        <TextField label={t('days')} type="number" min={1} max={730} value={days} required onText={setDays} />
        {failure && (
          <p class="form-message" role="alert">
            {failure}
          </p>
        )}
        <div class="dialog-actions">
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button look="primary" type="submit">
            {t('addKey')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
