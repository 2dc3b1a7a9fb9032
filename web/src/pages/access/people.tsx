import { useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { useResource } from '../../app/use-resource.js';
import { announce } from '../../components/announcer.js';
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
import { WorkDialog } from './work-dialog.js';

const ROLES = ['utility', 'inspector', 'supervisor', 'auditor', 'operator'] as const;

export interface Person {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly role: (typeof ROLES)[number];
  readonly utility: string | null;
  readonly blocked_at: string | null;
  readonly has_password: boolean;
  readonly has_oidc: boolean;
}

interface SignInLink {
  readonly login: string;
  readonly path: string;
  readonly expires_at: string;
}

type Open =
  | { readonly what: 'add' }
  | { readonly what: 'block' | 'work'; readonly person: Person }
  | { readonly what: 'secret'; readonly secret: Secret };

export function People({ mayChange }: { readonly mayChange: boolean }) {
  const t = useTexts(accessTexts);
  const shared = useTexts(sharedTexts);
  const format = useFormats();
  const [open, setOpen] = useState<Open | null>(null);
  const people = useResource<{ readonly items: readonly Person[] }>('/api/v1/people');
  const close = (): void => setOpen(null);
  const showLink = ({ login, path, expires_at: until }: SignInLink): void => {
    people.reload();
    const words = t('linkWords', { until: format.moment(until) });
    const text = `${location.origin}${path}`;
    setOpen({ what: 'secret', secret: { title: t('linkTitle', { login }), words, text } });
  };
  const newLink = ({ id }: Person): void => {
    api<SignInLink>(`/api/v1/people/${id}/link`, { method: 'POST' }).then(showLink, (error: unknown) => {
      const line = errorLine(error, shared);
      if (line) announce(line, 'failed');
    });
  };
  return (
    <AccessList
      title={t('people')}
      empty={t('noPeople')}
      resource={people}
      rowKey={({ id }) => id}
      add={mayChange ? { label: t('addPerson'), run: () => setOpen({ what: 'add' }) } : null}
      columns={[
        { key: 'name', title: t('name'), isHeading: true, cell: ({ name }) => name },
        { key: 'login', title: t('login'), cell: ({ login }) => login },
        {
          key: 'role',
          title: t('role'),
          cell: ({ role, utility }) => `${t(`role_${role}`)}${utility ? ` · ${utility}` : ''}`,
        },
        { key: 'signsIn', title: t('signsIn'), cell: (person) => waysOf(person, t) },
        {
          key: 'state',
          title: t('state'),
          cell: ({ blocked_at: at }) =>
            at === null ? (
              <span class="badge badge-good">{t('active')}</span>
            ) : (
              <span class="badge">{t('blocked', { day: format.day(at) })}</span>
            ),
        },
        ...(mayChange
          ? [
              {
                key: 'acts',
                title: t('acts'),
                cell: (person: Person) =>
                  person.blocked_at === null && (
                    <div class="panel-tools">
                      <Button
                        look="quiet"
                        aria-label={t('newLink', { name: person.name })}
                        onClick={() => newLink(person)}
                      >
                        {t('newLinkShort')}
                      </Button>
                      {(person.role === 'inspector' || person.role === 'supervisor') && (
                        <Button
                          look="quiet"
                          aria-label={t('work', { name: person.name })}
                          onClick={() => setOpen({ what: 'work', person })}
                        >
                          {t('workShort')}
                        </Button>
                      )}
                      <Button
                        look="quiet"
                        aria-label={t('block', { name: person.name })}
                        onClick={() => setOpen({ what: 'block', person })}
                      >
                        {t('blockShort')}
                      </Button>
                    </div>
                  ),
              },
            ]
          : []),
      ]}
    >
      {open?.what === 'add' && <AddPerson onMade={showLink} onClose={close} />}
      {open?.what === 'secret' && <SecretDialog secret={open.secret} onClose={close} />}
      {open?.what === 'work' && <WorkDialog person={open.person} onClose={close} />}
      {open?.what === 'block' && (
        <ConfirmDialog
          title={t('blockTitle', { name: open.person.name })}
          words={t('blockWords')}
          action={t('blockShort')}
          onClose={close}
          onConfirm={async () => {
            await api(`/api/v1/people/${open.person.id}/block`, { method: 'POST' });
            people.reload();
          }}
        />
      )}
    </AccessList>
  );
}

function waysOf(
  { has_password, has_oidc }: Person,
  t: ReturnType<typeof useTexts<typeof accessTexts.en>>,
): string {
  const ways = [has_password && t('password'), has_oidc && t('oidc')].filter((way) => way !== false);
  return ways.join(', ') || t('notYet');
}

function AddPerson({
  onMade,
  onClose,
}: {
  readonly onMade: (link: SignInLink) => void;
  readonly onClose: () => void;
}) {
  const t = useTexts(accessTexts);
  const shared = useTexts(sharedTexts);
  const [login, setLogin] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>('inspector');
  const [utility, setUtility] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const add = (event: Event): void => {
    event.preventDefault();
    const body = { login, name, role, ...(role === 'utility' ? { utility } : {}) };
    api<SignInLink>('/api/v1/people', { method: 'POST', body }).then(onMade, (error: unknown) =>
      setFailure(errorLine(error, shared)),
    );
  };
  return (
    <Dialog title={t('addPerson')} onClose={onClose}>
      <form onSubmit={add}>
        <TextField
          label={t('login')}
          hint={t('loginHint')}
          value={login}
          required
          autocomplete="off"
          onText={setLogin}
        />
        <TextField label={t('name')} value={name} required autocomplete="off" onText={setName} />
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
        {failure && (
          <p class="form-message" role="alert">
            {failure}
          </p>
        )}
        <div class="dialog-actions">
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button look="primary" type="submit">
            {t('addPerson')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
