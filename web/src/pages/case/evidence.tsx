import type { CaseDetails, Reason, RuleView } from '../../cases/types.js';
import { likelihoodText, StateBadge } from '../../cases/marks.js';
import type { CaseState } from '../../cases/types.js';
import { NOTHING } from '../../i18n/formats.js';
import { useFormats, useSentence, useTexts } from '../../i18n/use-texts.js';
import { caseTexts } from './case.texts.js';

/** Each reason with its weight, for and against; they add up to the score, and the sum says so. */
export function Reasons({ file }: { readonly file: CaseDetails }) {
  const t = useTexts(caseTexts);
  const say = useSentence();
  const format = useFormats();
  const sorted = [...file.reasons].sort((a, b) => b.log_odds - a.log_odds);
  // What rounds to nothing is told below: it was looked at, and that counts too.
  const isNothing = ({ log_odds: weight }: Reason): boolean => Math.abs(weight) < 0.005;
  const reasons = sorted.filter((each) => !isNothing(each));
  const idle = sorted.filter(isNothing);
  const most = Math.max(...reasons.map(({ log_odds: weight }) => Math.abs(weight)), 1);
  return (
    <section class="panel" aria-labelledby="why">
      <h2 id="why">{t('whyTitle')}</h2>
      {reasons.length === 0 ? (
        <p class="muted">{t('whyNone')}</p>
      ) : (
        <table class="reasons">
          <caption class="muted">{t('whyHint')}</caption>
          <tbody>
            {reasons.map(({ detector, sentence, log_odds: weight }) => (
              <tr key={`${detector}${sentence.en}`} class={weight < 0 ? 'reason-against' : 'reason-for'}>
                <td class="number" data-weight={weight}>
                  <span class="visually-hidden">{t(weight < 0 ? 'whyAgainst' : 'whyFor')} </span>
                  {format.signed(weight)}
                </td>
                <td class="reason-bar" aria-hidden="true">
                  <span style={{ width: `${(Math.abs(weight) / most) * 50}%` }} />
                </td>
                <td>{say(sentence)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td class="number" data-sum={file.log_odds}>
                {format.signed(file.log_odds)}
              </td>
              <td aria-hidden="true" />
              <td>
                {t('whySum')}
                {file.alert_score !== null && (
                  <>
                    {' · '}
                    {t('whyScore')}{' '}
                    <strong data-score={file.alert_score}>
                      {format.percent(Math.min(file.alert_score, 0.999), 1)}
                    </strong>
                  </>
                )}
              </td>
            </tr>
          </tfoot>
        </table>
      )}
      {idle.length > 0 && (
        <details class="idle-reasons">
          <summary>{t('whyIdle', { count: idle.length })}</summary>
          <ul class="plain-list">
            {idle.map(({ detector, sentence, log_odds: weight }) => (
              <li key={`${detector}${sentence.en}`} data-weight={weight}>
                {say(sentence)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

export function TransformerPanel({ file }: { readonly file: CaseDetails }) {
  const t = useTexts(caseTexts);
  const format = useFormats();
  const context = file.transformer_context;
  if (context === null)
    return (
      <section class="panel">
        <h2>{t('transformerTitle')}</h2>
        <p class="muted">{t('noTransformer')}</p>
      </section>
    );
  const { hidden_kw: kw, hidden_lower_kw: low, hidden_upper_kw: high } = context;
  return (
    <section class="panel">
      <h2>
        {t('transformerTitle')} <a href={`/transformers/${context.id}`}>{context.code}</a>
      </h2>
      <dl class="facts">
        <Fact name={t('feeder')}>{context.feeder ?? NOTHING}</Fact>
        <Fact name={t('points')}>{format.number(context.points)}</Fact>
        <Fact name={t('hidden')}>
          {kw === null
            ? t('hiddenNone')
            : t('hiddenRange', {
                kw: format.number(kw, 1),
                low: format.number(low, 1),
                high: format.number(high, 1),
              })}
          {context.since !== null &&
            kw !== null &&
            ` ${t('hiddenSince', { day: format.day(context.since) })}`}
          {isVerdict(context.verdict) && <small class="muted"> {t(`verdict_${context.verdict}`)}</small>}
        </Fact>
        {context.rank !== null && <Fact name={t('rank')}>{t('rankValue', { rank: context.rank })}</Fact>}
      </dl>
      {context.cases.length > 0 && (
        <>
          <h3>{t('otherCases')}</h3>
          <ul class="plain-list">
            {context.cases.map((each) => (
              <li key={each.id}>
                <a href={`/cases/${each.id}`}>{each.metering_point}</a>{' '}
                <span class="number">{likelihoodText(each.score, format)}</span>{' '}
                <StateBadge state={each.state as CaseState} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const VERDICTS = ['hidden_load', 'night_load', 'household_like', 'none', 'inconsistent', 'unclear'] as const;

function isVerdict(verdict: string | null): verdict is (typeof VERDICTS)[number] {
  return VERDICTS.some((each) => each === verdict);
}

const TARIFFS = ['urban', 'rural', 'electric_heating', 'commercial'] as const;

export function PointPanel({ file: { point } }: { readonly file: CaseDetails }) {
  const t = useTexts(caseTexts);
  const format = useFormats();
  const kw = (value: number | null): string =>
    value === null ? t('unknown') : t('kw', { value: format.number(value, 1) });
  const { tariff_category: category } = point;
  const known = TARIFFS.find((each) => each === category);
  // A category of a utility's own stands as it was sent.
  const tariff = known === undefined ? (category ?? t('unknown')) : t(`tariff_${known}`);
  return (
    <section class="panel">
      <h2>{t('pointTitle')}</h2>
      <dl class="facts">
        <Fact name={t('tariff')}>{tariff}</Fact>
        <Fact name={t('heating')}>
          {point.electric_heating === null ? t('unknown') : t(point.electric_heating ? 'yes' : 'no')}
        </Fact>
        <Fact name={t('contracted')}>{kw(point.contracted_kw)}</Fact>
        <Fact name={t('declared')}>
          {kw(point.declared_load_kw)} {point.declared_purpose}
        </Fact>
      </dl>
    </section>
  );
}

/** What held here on the day that the readings go up to, and the act that says so. */
export function RulePanel({ file }: { readonly file: CaseDetails }) {
  const t = useTexts(caseTexts);
  const say = useSentence();
  const format = useFormats();
  const { ban, quota } = file.rule;
  return (
    <section class="panel">
      <h2>{t('ruleTitle', { day: format.day(file.as_of) })}</h2>
      <p>{say(ban.why)}</p>
      <Acts rule={ban.rule} />
      <p>
        {quota === null
          ? t('noQuota')
          : `${t('quotaRule', { kwh: format.number(quota.limit_kwh) })}, ${t(quota.counted_per === 'household' ? 'perHousehold' : 'perPoint')}.`}
      </p>
      <Acts rule={quota?.rule ?? null} />
    </section>
  );
}

function Acts({ rule }: { readonly rule: RuleView | null }) {
  const t = useTexts(caseTexts);
  const format = useFormats();
  if (rule === null) return null;
  return (
    <ul class="acts" lang="ru">
      {rule.acts.map(({ title, number, date }) => (
        <li key={title}>{number && date ? t('act', { title, number, day: format.day(date) }) : title}</li>
      ))}
    </ul>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
