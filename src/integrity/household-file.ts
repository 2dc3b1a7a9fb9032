import type { ClientBase } from 'pg';
import { recordExportWith } from '../audit/record-export.js';
import type { Actor } from '../audit/append-audit.js';
import { REASONS, type AlertReason } from '../alerts/domain/lifecycle.js';
import { STATE_NAMES, STEP_SENTENCES } from '../cases/domain/phrases.js';
import { DECISION_REASONS, type DecisionReason } from '../cases/domain/decision.js';
import { VISIT_FINDINGS, type VisitFinding } from '../cases/domain/visit.js';
import type { CaseState, CaseStep } from '../cases/domain/transitions.js';
import { IS_REAL } from '../cases/drawn.js';
import { RefusedError } from '../config/errors.js';
import { judgedMonths } from '../detection/judged-months.js';
import { sentencesOf, type StoredEvidence } from '../detection/domain/evidence.js';
import type { Finding } from '../detection/domain/types.js';
import { newestRunDay, scoreAsOf } from '../detection/score-as-of.js';
import { isoFromDay } from '../grid/domain/calendar.js';
import type { Rulebook } from '../rulebook/domain/rule.js';

interface Point {
  readonly id: number;
  readonly point: string;
  readonly utility: string;
  readonly household: string | null;
  readonly territory: string;
  readonly transformer: string | null;
  readonly category: string | null;
  readonly heating: boolean | null;
  readonly contracted: number | null;
  readonly declared: number | null;
  readonly purpose: string | null;
  readonly consumer: string | null;
  readonly address: string | null;
}

/**
 * All that is held about a household, who has seen it, what was decided and why, in Russian as the household may read it. That
 * the file was made is recorded before its first line. Names of people who work here are left out: their numbers tell the
 * authority who they are.
 *
 * @param name the metering point's id here, or the utility's for it. @throws RefusedError none, or several
 */
export async function householdFile(
  client: ClientBase,
  rulebook: Rulebook,
  { name, by, now }: { readonly name: string; readonly by: Actor; readonly now: Date },
): Promise<string> {
  const point = await findPoint(client, name);
  await recordExportWith(client, {
    by,
    what: 'household_file',
    subject: `metering_point:${point.id}`,
    details: {},
  });
  const parts = [
    heading(point, now),
    await held(client, point),
    await suspected(client, rulebook, { id: point.id, now }),
    await decided(client, point.id),
    await changed(client, point.id),
    await complained(client, point.id),
    await seen(client, point.id),
  ];
  return `${parts.join('\n\n')}\n`;
}

async function findPoint(client: ClientBase, name: string): Promise<Point> {
  const { rows } = await client.query<Point>(
    `select p.id, p.external_id as point, u.code as utility, p.household, y.name_ru as territory, t.code as transformer,
       p.tariff_category as category, p.electric_heating as heating, p.contracted_kw as contracted,
       p.declared_load_kw as declared, p.declared_purpose as purpose, i.consumer_name as consumer, i.address
     from metering_point p join utility u on u.id = p.utility_id join territory y on y.code = p.territory_code
     left join transformer t on t.id = p.transformer_id left join household_identity i on i.metering_point_id = p.id
     where p.kind = 'household' and (p.external_id = $1 or p.id::text = $1) order by (p.external_id = $1) desc limit 3`,
    [name],
  );
  const exact = rows.filter(({ point }) => point === name);
  const found = exact.length > 0 ? exact : rows;
  if (found.length === 1) return found[0];
  throw new RefusedError(
    found.length === 0
      ? `There is no household's metering point ${name}.`
      : `Several utilities have a metering point ${name}: give its number here, ${found.map(({ id }) => id).join(' or ')}.`,
  );
}

function heading({ point, id, utility }: Point, now: Date): string {
  return [
    `# Что хранится о точке учёта ${point} (№ ${id}, ${utility})`,
    '',
    `Составлено ${now.toISOString()}. Время всемирное (UTC). Превышение нормы и сходство нагрузки с майнингом – ещё не`,
    'нарушение: вывод делает только инспектор, и в деле записано почему.',
  ].join('\n');
}

async function held(client: ClientBase, point: Point): Promise<string> {
  const { rows } = await client.query<Record<'days' | 'registers' | 'events' | 'replaced', number> & Span>(
    `select (select count(*)::int from load_profile where metering_point_id = $1) as days,
       (select to_char(min(day), 'YYYY-MM-DD') from load_profile where metering_point_id = $1) as first,
       (select to_char(max(day), 'YYYY-MM-DD') from load_profile where metering_point_id = $1) as last,
       (select count(*)::int from load_profile_history where metering_point_id = $1) as replaced,
       (select count(*)::int from register_reading where metering_point_id = $1) as registers,
       (select count(*)::int from meter_event where metering_point_id = $1) as events`,
    [point.id],
  );
  const [{ days, first, last, replaced, registers, events }] = rows;
  return section('Что известно', [
    `Потребитель: ${point.consumer ?? 'имя не передано'}; адрес: ${point.address ?? 'не передан'}.`,
    `Лицевой счёт: ${said(point.household)}; территория: ${point.territory}; трансформатор: ${said(point.transformer)}.`,
    `Тарифная категория: ${said(point.category)}; электроотопление: ${yesNo(point.heating)}; разрешённая мощность: ${kilowatts(point.contracted)}.`,
    `Заявленная нагрузка: ${kilowatts(point.declared)}${point.purpose === null ? '' : ` (${point.purpose})`}.`,
    days === 0
      ? 'Почасовых показаний нет.'
      : `Почасовые показания: ${days} суток, с ${first} по ${last}; заменённых версий: ${replaced}.`,
    `Показаний счётчика нарастающим итогом: ${registers}; событий счётчика: ${events}.`,
  ]);
}

interface Span {
  readonly first: string | null;
  readonly last: string | null;
}

async function suspected(
  client: ClientBase,
  rulebook: Rulebook,
  { id, now }: { readonly id: number; readonly now: Date },
): Promise<string> {
  const { rows: scores } = await client.query<{
    score: number;
    day: string;
    findings: Finding[] | null;
    evidence: StoredEvidence[] | null;
  }>(
    `select s.score, to_char(case when s.evidence is null then ${scoreAsOf('$2')} else s.as_of end, 'YYYY-MM-DD') as day, s.findings, s.evidence from score s where s.metering_point_id = $1`,
    [id, await newestRunDay(client)],
  );
  const months = await judgedMonths(client, rulebook, { meteringPointId: id, now });
  const { rows: alerts } = await client.query<{ at: Date; kind: string; to: string; reason: string }>(
    `select e.at, a.kind, e.to_state as "to", e.reason from alert a join alert_event e on e.alert_id = a.id
     where a.metering_point_id = $1 order by e.id`,
    [id],
  );
  return section('Что показал расчёт', [
    ...scores.flatMap(({ score, day, findings, evidence }) => [
      `На ${day} оценка вероятности майнинга ${percent(score)}.`,
      ...sentencesOf(findings ?? [], evidence ?? []).map(({ ru }) => `  ${ru}`),
    ]),
    ...months.map(
      ({ month, meteredKwh, limitKwh, exceeded }) =>
        `${isoFromDay(month).slice(0, 7)}: ${Math.round(meteredKwh)} кВт·ч при норме ${Math.round(limitKwh)}${exceeded ? ', превышена' : ''}.`,
    ),
    ...alerts.map(
      ({ at, kind, to, reason }) =>
        `${at.toISOString()}: ${ALERT_NAMES[kind] ?? kind} – ${ALERT_STATES[to] ?? to}. ${REASONS[reason as AlertReason]?.ru ?? reason}`,
    ),
  ]);
}

const ALERT_NAMES: Readonly<Record<string, string>> = {
  quota_exceeded: 'превышение лимита',
  quota_forecast: 'ожидаемое превышение лимита',
  mining_suspected: 'нагрузка похожа на майнинг',
  hidden_load: 'нагрузка мимо счётчика',
};
const ALERT_STATES: Readonly<Record<string, string>> = {
  pending: 'проверяется',
  firing: 'действует',
  resolved: 'снято',
};

async function decided(client: ClientBase, id: number): Promise<string> {
  const { rows: cases } = await client.query<{ id: number; state: CaseState }>(
    `select c.id, c.state from case_file c where c.metering_point_id = $1 and ${IS_REAL} order by c.id`,
    [id],
  );
  const lines: string[] = [];
  for (const { id: caseId, state } of cases) {
    lines.push(`Дело № ${caseId}: ${STATE_NAMES[state].ru.toLowerCase()}.`);
    lines.push(...(await stepsOf(client, caseId)), ...(await decisionsOf(client, caseId)));
    lines.push(...(await visitsOf(client, caseId)));
  }
  return section('Что решено и почему', lines);
}

async function stepsOf(client: ClientBase, caseId: number): Promise<string[]> {
  const { rows } = await client.query<{ at: Date; step: CaseStep; actor: string }>(
    `select at, step, actor from case_step where case_id = $1 order by version`,
    [caseId],
  );
  return rows.map(
    ({ at, step, actor }) => `  ${at.toISOString()}: ${STEP_SENTENCES[step].ru} (${inRussian(actor)})`,
  );
}

async function decisionsOf(client: ClientBase, caseId: number): Promise<string[]> {
  const { rows } = await client.query<{ at: Date; verdict: string; reason: DecisionReason; words: string }>(
    `select sealed_at as at, verdict, reason, words from case_decision
     where case_id = $1 and sealed_at is not null order by id`,
    [caseId],
  );
  return rows.map(({ at, verdict, reason, words }) => {
    const what = verdict === 'confirm' ? 'подтвердить' : 'отклонить';
    return `  Решение от ${at.toISOString()}: ${what}. ${DECISION_REASONS[reason].sentence.ru}${words === '' ? '' : ` «${words}»`}`;
  });
}

async function visitsOf(client: ClientBase, caseId: number): Promise<string[]> {
  const { rows } = await client.query<{ at: Date; findings: VisitFinding[]; explanation: string | null }>(
    `select done_at as at, findings, explanation from case_visit
     where case_id = $1 and done_at is not null order by id`,
    [caseId],
  );
  return rows.map(({ at, findings, explanation }) => {
    const found = findings.map((finding) => VISIT_FINDINGS[finding].ru).join('; ');
    const told = explanation === null ? '' : ` Объяснение: «${explanation}»`;
    return `  Выезд ${at.toISOString()}: ${found || 'без записей'}.${told}`;
  });
}

async function changed(client: ClientBase, id: number): Promise<string> {
  const { rows } = await client.query<{ at: Date; kind: string; becomes: string }>(
    `select ended_at as at, kind, summary::text as becomes from proposal
     where subject = $1 and state = 'applied' order by id`,
    [`metering_point:${id}`],
  );
  const { rows: whitelist } = await client.query<{ until: string }>(
    `select to_char(until, 'YYYY-MM-DD') as until from point_whitelist where metering_point_id = $1`,
    [id],
  );
  return section('Что изменено по согласию двух лиц', [
    ...rows.map(({ at, kind, becomes }) => `${at.toISOString()}: ${kind} ${becomes}`),
    ...whitelist.map(({ until }) => `Новые дела не открываются по ${until} включительно.`),
  ]);
}

async function complained(client: ClientBase, id: number): Promise<string> {
  const { rows } = await client.query<{
    at: Date;
    words: string;
    upheld: boolean | null;
    answer: string | null;
  }>(
    `select m.received_at as at, m.words, m.upheld, m.answer
     from complaint m join case_file c on c.id = m.case_id where c.metering_point_id = $1 order by m.id`,
    [id],
  );
  return section(
    'Жалобы',
    rows.map(({ at, words, upheld, answer }) => {
      const end = upheld === null ? 'ещё не рассмотрена' : upheld ? 'удовлетворена' : 'отклонена';
      return `${at.toISOString()}: «${words}» – ${end}${answer === null ? '' : `: «${answer}»`}.`;
    }),
  );
}

async function seen(client: ClientBase, id: number): Promise<string> {
  const { rows: shown } = await client.query<{ at: Date; actor: string; reason: string | null }>(
    `select at, actor, reason from disclosure where metering_point_id = $1 order by id`,
    [id],
  );
  const { rows: outside } = await client.query<{
    at: Date;
    recipient: string;
    basis: string;
    request: string;
    content: string;
  }>(
    `select at, recipient, legal_basis as basis, request, content from outside_disclosure
     where metering_point_id = $1 order by id`,
    [id],
  );
  return section('Кто видел имя и адрес, кому переданы сведения', [
    ...shown.map(
      ({ at, actor, reason }) =>
        `${at.toISOString()}: ${inRussian(actor)}; зачем: ${reason ?? 'не указано'}.`,
    ),
    ...outside.map(
      ({ at, recipient, basis, request, content }) =>
        `${at.toISOString()}: передано – ${recipient}; основание: ${basis}; запрос: ${request}; что: ${content}.`,
    ),
  ]);
}

function section(title: string, lines: readonly string[]): string {
  return [`## ${title}`, '', ...(lines.length === 0 ? ['Нет записей.'] : lines)].join('\n');
}

function inRussian(actor: string): string {
  const [, kind, id] = /^(person|key) (.+)$/.exec(actor) ?? [];
  if (kind === 'person') return `сотрудник № ${id}`;
  return kind === 'key' ? `программа с ключом ${id}` : `служба (${actor})`;
}

function said(text: string | null): string {
  return text ?? 'не указано';
}

function yesNo(value: boolean | null): string {
  return value === null ? 'не указано' : value ? 'да' : 'нет';
}

function kilowatts(value: number | null): string {
  return value === null ? 'не указано' : `${value} кВт`;
}

function percent(score: number): string {
  return `${(score * 100).toFixed(1).replace('.', ',')} %`;
}
