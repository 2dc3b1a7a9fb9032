import { useEffect, useMemo, useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { useShortcuts } from '../../app/keys.js';
import type { PageProps } from '../../app/page.js';
import { navigate } from '../../app/router.js';
import { session } from '../../app/session-store.js';
import { useResource, type Resource } from '../../app/use-resource.js';
import { casesTexts } from '../../cases/cases.texts.js';
import { Likelihood, StateBadge } from '../../cases/marks.js';
import { nextAfter, queueAddress } from '../../cases/queue-order.js';
import type { CaseCurve, CaseDetails } from '../../cases/types.js';
import { Carpet } from '../../charts/carpet.js';
import { LoadCurve } from '../../charts/load-curve.js';
import { loadSeries } from '../../charts/load-series.js';
import { MonthBars } from '../../charts/month-bars.js';
import { Button } from '../../components/button.js';
import { Loaded } from '../../components/states.js';
import { useFormats, useSentence, useTexts } from '../../i18n/use-texts.js';
import { caseAddress, curveAddress } from './addresses.js';
import { caseTexts } from './case.texts.js';
import type { Verdict } from './codes.js';
import { ConflictDialog, DecideDialog, NO_DRAFT, PendingDecision, Steps, VisitDialog } from './decision.js';
import { PointPanel, Reasons, RulePanel, TransformerPanel } from './evidence.js';
import { Identity } from './identity.js';
import { Links } from './links.js';
import { Comments, Visits } from './talk.js';
import { useWork, type Work } from './work.js';
import './case.css';

/** Where somebody decides about another person's home: what was measured, what speaks for and against, and who said what. */
export default function CasePage({ values }: PageProps) {
  const file = useResource<CaseDetails>(caseAddress(values.id));
  // Asked for at once and beside the case: the curve is the larger of the two.
  const curve = useResource<CaseCurve>(curveAddress(values.id));
  return (
    <div class="page case-page">
      <Loaded resource={file}>
        {(details) => <CaseView file={details} curve={curve} reload={file.reload} />}
      </Loaded>
    </div>
  );
}

interface CaseViewProps {
  readonly file: CaseDetails;
  readonly curve: Resource<CaseCurve>;
  readonly reload: () => void;
}

function CaseView({ file, curve, reload }: CaseViewProps) {
  const t = useTexts(caseTexts);
  const work = useWork(reload);
  const who = session.get();
  const isMine = who?.role === 'inspector' && file.inspector?.id === who.person?.id && isLooking(file);
  const mayDecide =
    (isMine || (who?.role === 'supervisor' && file.state === 'second_look')) && file.decision === null;
  return (
    <>
      <Head file={file} work={work} mayDecide={mayDecide} />
      <PendingDecision file={file} work={work} reload={reload} />
      <Charts curve={curve} />
      <div class="case-columns">
        <div class="case-column">
          <Reasons file={file} />
          <RulePanel file={file} />
        </div>
        <div class="case-column">
          <MonthBars months={file.months} />
          <TransformerPanel file={file} />
          <PointPanel file={file} />
          <Visits file={file} work={work} mayWork={isMine && file.decision === null} />
          <Decisions file={file} />
          <Links file={file} work={work} mayWork={who?.role !== 'auditor'} />
          <Comments file={file} work={work} mayWork={who?.role !== 'auditor'} />
          <section class="panel">
            <h2>{t('historyTitle')}</h2>
            <Steps steps={[...file.history].reverse()} zone={file.point.zone} />
          </section>
        </div>
      </div>
      {work.conflict !== null && (
        <ConflictDialog changes={work.conflict} zone={file.point.zone} onReload={work.endConflict} />
      )}
    </>
  );
}

interface HeadProps {
  readonly file: CaseDetails;
  readonly work: Work;
  readonly mayDecide: boolean;
}

function Head({ file, work, mayDecide }: HeadProps) {
  const t = useTexts(caseTexts);
  const names = useTexts(casesTexts);
  const say = useSentence();
  const format = useFormats();
  const [dialog, setDialog] = useState<Verdict | 'visit' | null>(null);
  const [draft, setDraft] = useState(NO_DRAFT);
  const next = nextAfter(file.id);
  useEffect(() => {
    document.title = `${t('title', { id: String(file.id) })} · Gridwarden`;
  }, [t, file.id]);
  const mayAskForVisit = mayDecide && file.state !== 'needs_visit';
  const takeUp = (): void => {
    const body = { version: file.version };
    void work.run(() => api(`/api/v1/cases/${file.id}/first-look`, { method: 'POST', body }), t('takenUp'));
  };
  useShortcuts([
    ...(mayDecide ? [{ keys: '1', label: t('confirm'), run: () => setDialog('confirm') }] : []),
    ...(mayAskForVisit ? [{ keys: '2', label: t('visit'), run: () => setDialog('visit') }] : []),
    ...(mayDecide ? [{ keys: '3', label: t('dismiss'), run: () => setDialog('dismiss') }] : []),
    { keys: 'b', label: t('back'), run: () => navigate(queueAddress()) },
    ...(next === null ? [] : [{ keys: 'n', label: t('next'), run: () => navigate(`/cases/${next}`) }]),
  ]);
  return (
    <header class="case-head">
      <p class="case-ways">
        <a href={queueAddress()}>← {t('back')}</a>
        <a href={`/cases/${file.id}/dossier`}>{t('dossier')}</a>
        {next !== null && <a href={`/cases/${next}`}>{t('next')} →</a>}
      </p>
      <div class="case-title">
        <div>
          <h1>
            {names(`kind_${file.kind}`)} <span class="case-point">{file.metering_point}</span>
          </h1>
          <p class="case-facts">
            <StateBadge state={file.state} />
            <span>{t('title', { id: String(file.id) })}</span>
            <span>{say(file.territory.name)}</span>
            {file.month_kwh !== null && <span>{t('kwhMonth', { kwh: format.number(file.month_kwh) })}</span>}
            {file.since !== null && <span>{t('since', { day: format.day(file.since) })}</span>}
            <span>{t('inspector', { name: file.inspector?.name ?? t('nobody') })}</span>
          </p>
          <p class="case-notice">{say(file.notice)}</p>
          {file.firing_kinds.length === 0 && <p class="badge badge-warn">{t('notFiring')}</p>}
        </div>
        <Likelihood score={file.score} />
      </div>
      <div class="case-actions">
        {mayDecide ? (
          <div class="case-verdicts">
            <Button look="primary" shortcut="1" onClick={() => setDialog('confirm')}>
              {t('confirm')}
            </Button>
            {mayAskForVisit && (
              <Button shortcut="2" onClick={() => setDialog('visit')}>
                {t('visit')}
              </Button>
            )}
            <Button shortcut="3" onClick={() => setDialog('dismiss')}>
              {t('dismiss')}
            </Button>
            {file.state === 'dealt' && (
              <Button look="quiet" disabled={work.isBusy} onClick={takeUp}>
                {t('takeUp')}
              </Button>
            )}
          </div>
        ) : (
          file.decision === null && <p class="muted">{t('readOnly')}</p>
        )}
        {file.point.kind === 'household' && <Identity file={file} />}
      </div>
      {dialog === 'visit' && <VisitDialog file={file} work={work} onClose={() => setDialog(null)} />}
      {(dialog === 'confirm' || dialog === 'dismiss') && (
        <DecideDialog
          file={file}
          verdict={dialog}
          draft={draft}
          onDraft={setDraft}
          work={work}
          onClose={() => setDialog(null)}
        />
      )}
    </header>
  );
}

function Charts({ curve }: { readonly curve: Resource<CaseCurve> }) {
  const [chosenDay, setChosenDay] = useState<number | null>(null);
  const series = useMemo(() => curve.data && loadSeries(curve.data), [curve.data]);
  return (
    <div class="case-charts">
      <Loaded resource={curve}>
        {(data) =>
          series && (
            <>
              <LoadCurve
                series={series}
                onset={data.onset}
                neighbours={data.neighbours.points}
                zone={data.zone}
                chosenDay={chosenDay}
              />
              {!series.kw.every(Number.isNaN) && <Carpet series={series} onDay={setChosenDay} />}
            </>
          )
        }
      </Loaded>
    </div>
  );
}

/** Sealed ones; on the second look the service keeps them back. */
function Decisions({ file }: { readonly file: CaseDetails }) {
  const t = useTexts(caseTexts);
  const say = useSentence();
  const format = useFormats();
  if (file.decisions.length === 0) return null;
  return (
    <section class="panel">
      <h2>{t('decisionsTitle')}</h2>
      <ol class="steps">
        {file.decisions.map((each) => (
          <li key={each.id}>
            <span>
              <strong>{t(each.verdict === 'confirm' ? 'verdict_confirm' : 'verdict_dismiss')}.</strong>{' '}
              {say(each.sentence)}
            </span>
            {each.words && <span class="words">{each.words}</span>}
            <span class="muted">{format.moment(each.made_at, file.point.zone)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function isLooking({ state }: CaseDetails): boolean {
  return state === 'dealt' || state === 'first_look' || state === 'needs_visit';
}
