import { toString as qrCode } from 'qrcode';
import { hidesOpinions } from '../open-for-work.js';
import type { Viewer } from '../viewer.js';
import { carpetChart, curveChart, monthsChart } from './charts.js';
import { weeksOf } from './domain/weeks.js';
import type { Dossier } from './dossier.js';
import { Formats, type Language } from './formats.js';
import { Html, html } from './html.js';
import { BALANCE_TEXTS, KIND_TEXTS, TARIFF_TEXTS, TEXTS, UPLOAD_TEXTS } from './texts.js';
import { DOSSIER_STYLE } from './dossier-style.js';

/** Of uploads and of gaps that paper lists; the dossier as JSON has all. */
const MOST_ROWS = 40;

type Text = keyof typeof TEXTS;
interface Made {
  readonly dossier: Dossier;
  readonly formats: Formats;
  readonly say: (text: Text) => string;
}

/** The dossier as a page for paper: all of it in one document, which asks nobody for anything. */
export async function dossierPage(
  dossier: Dossier,
  { language, viewer }: { readonly language: Language; readonly viewer: Viewer },
): Promise<string> {
  const formats = new Formats(language, dossier.curve.zone);
  const made = { dossier, formats, say: (text: Text) => formats.say(TEXTS[text]) };
  const title = `${made.say('dossier')} № ${dossier.case.id}`;
  const page = html`<html lang="${language}">
    <head>
      <meta charset="utf-8" />
      <title>${title}</title>
      <style>
        ${new Html(DOSSIER_STYLE)}
      </style>
    </head>
    <body>
      <main>
        <header>
          <h1>${title}</h1>
          <p>${made.say('made')} ${formats.moment(dossier.generated_at)}</p>
          <p class="notice">${formats.say(dossier.case.notice)}</p>
        </header>
        ${summary(made)}${rule(made)}${reasons(made)}${curve(made)}${months(made)}${transformer(made)}${visits(made)}
        ${decisions(made, hidesOpinions(viewer, dossier.case.state))}${history(made)}${provenance(made)}${method(made)}
        ${await log(made)}${weeks(made)}
      </main>
    </body>
  </html>`;
  return `<!doctype html>${page.text}`;
}

function summary({ dossier, formats, say }: Made): Html {
  const { case: file, curve: load, identity } = dossier;
  const { point } = file;
  const category = TARIFF_TEXTS[point.tariff_category ?? ''];
  const flag = (value: boolean | null) => say(value === null ? 'unknown' : value ? 'yes' : 'no');
  return section(say('summary'), [
    facts([
      [say('kind'), formats.say(KIND_TEXTS[file.kind])],
      [say('state'), formats.say(file.state_name)],
      [say('score'), formats.percent(file.score, 1)],
      [say('monthKwh'), formats.number(file.month_kwh)],
      [say('since'), formats.day(file.since)],
      [
        say('onset'),
        load.onset === null ? '–' : `${formats.day(load.onset.from)} – ${formats.day(load.onset.to)}`,
      ],
      [say('point'), file.metering_point],
      [say('household'), file.household ?? '–'],
      [say('utility'), file.utility],
      [say('territory'), `${formats.say(file.territory.name)} (${file.territory.code})`],
      [say('clock'), formats.zoneName()],
      [say('category'), category === undefined ? (point.tariff_category ?? '–') : formats.say(category)],
      [say('heating'), flag(point.electric_heating)],
      [say('declared'), formats.number(point.declared_load_kw, 1)],
      [say('contracted'), formats.number(point.contracted_kw, 1)],
      ...(identity === null
        ? []
        : ([
            [say('consumer'), identity.consumer_name ?? '–'],
            [say('address'), identity.address ?? '–'],
          ] as const)),
    ]),
    html`<p class="small">
      ${identity === null ? say('identityHidden') : `${say('identityShown')} ${identity.disclosure}.`}
    </p>`,
  ]);
}

function rule({ dossier, formats, say }: Made): Html {
  const { ban, quota } = dossier.case.rule;
  const acts = [...(ban.rule?.acts ?? []), ...(quota?.rule?.acts ?? [])];
  return section(say('rule'), [
    html`<p>${formats.say(ban.why)}</p>`,
    quota &&
      html`<p>
        ${say('quotaRule')}: ${formats.number(quota.limit_kwh)}
        ${say(quota.counted_per === 'household' ? 'perHousehold' : 'perPoint')}.
      </p>`,
    html`<ul>
      ${[...new Set(acts.map(({ title }) => title))].map((title) => html`<li>${say('act')}: ${title}</li>`)}
    </ul>`,
  ]);
}

function reasons({ dossier, formats, say }: Made): Html {
  const { reasons: all, log_odds: sum, alert_score: score } = dossier.case;
  if (all.length === 0) return section(say('reasons'), [html`<p>${say('noReasons')}</p>`]);
  return section(say('reasons'), [
    table(
      [say('weight'), say('reason')],
      [
        ...all.map(({ log_odds, sentence }) => [formats.signed(log_odds, 2), formats.say(sentence)]),
        [formats.signed(sum, 2), `${say('sum')} → ${formats.percent(score, 1)}`],
      ],
      { numbers: 1, total: true },
    ),
    html`<p class="small">${say('weightsNote')}</p>`,
  ]);
}

function curve({ dossier, formats, say }: Made): Html {
  const { curve: load } = dossier;
  if (load.days.every(({ kwh }) => kwh === null))
    return section(say('curve'), [html`<p>${say('noCurve')}</p>`]);
  return html`${section(say('curve'), [
    curveChart(load, formats),
    html`<p class="small">${say('curveKey')} ${say('neighbours')}: ${formats.number(load.neighbours)}.</p>`,
  ])}${section(
    say('carpet'),
    [
      html`<p class="small">${formats.day(load.from)} – ${formats.day(load.to)}. ${say('carpetNote')}</p>`,
      carpetChart(load, formats),
    ],
    'keep',
  )}`;
}

function months({ dossier, formats, say }: Made): Html {
  const { months: judged } = dossier.case;
  if (judged.length === 0) return section(say('months'), [html`<p>${say('noMonths')}</p>`]);
  const heads = ['month', 'metered', 'unit', 'limit', 'flat', 'coverage', 'exceeded', 'bands'] as const;
  return section(say('months'), [
    monthsChart(judged, formats),
    table(
      heads.map(say),
      judged.map((month) => [
        formats.month(month.month),
        formats.number(month.metered_kwh),
        formats.number(month.unit_kwh),
        formats.number(month.limit_kwh),
        formats.number(month.flat_kwh),
        formats.percent(month.coverage_ratio),
        say(month.exceeded ? 'yes' : 'no'),
        month.bands.map(({ kwh }) => formats.number(kwh)).join(' + '),
      ]),
      {},
    ),
  ]);
}

function transformer({ dossier, formats, say }: Made): Html | null {
  const above = dossier.case.transformer_context;
  if (above === null) return null;
  const bounds =
    above.hidden_kw === null
      ? '–'
      : `${formats.number(above.hidden_kw, 1)} (${formats.number(above.hidden_lower_kw, 1)} … ${formats.number(above.hidden_upper_kw, 1)})`;
  return section(`${say('transformer')} ${above.code}`, [
    facts([
      [say('feeder'), above.feeder ?? '–'],
      [say('state'), above.verdict === null ? '–' : formats.say(BALANCE_TEXTS[above.verdict])],
      [say('hidden'), bounds],
      [say('since'), formats.day(above.since)],
      [say('points'), formats.number(above.points)],
      [say('rank'), formats.number(above.rank)],
    ]),
  ]);
}

function visits({ dossier, formats, say }: Made): Html {
  const all = dossier.case.visits;
  if (all.length === 0) return section(say('visits'), [html`<p>${say('noVisits')}</p>`]);
  return section(
    say('visits'),
    all.map((visit) =>
      facts([
        [say('bookedFor'), formats.moment(visit.booked_for)],
        [say('doneAt'), visit.done_at === null ? '–' : formats.moment(visit.done_at)],
        [say('found'), visit.findings.map(({ sentence }) => formats.say(sentence)).join('; ') || '–'],
        [say('explanation'), visit.explanation ?? '–'],
        [say('photographs'), visit.photographs.map(({ sha256 }) => sha256).join(' ') || '–'],
      ]),
    ),
  );
}

function decisions({ dossier, formats, say }: Made, isBlind: boolean): Html {
  const all = dossier.case.decisions;
  if (isBlind) return section(say('decisions'), [html`<p>${say('hiddenOpinions')}</p>`]);
  if (all.length === 0) return section(say('decisions'), [html`<p>${say('noDecisions')}</p>`]);
  return section(say('decisions'), [
    table(
      [say('sealed'), say('person'), say('verdict'), say('reason'), say('score')],
      all.map((each) => [
        formats.moment(each.sealed_at),
        whoIs(dossier, `person ${each.made_by}`),
        say(each.verdict === 'confirm' ? 'confirm' : 'dismiss'),
        [formats.say(each.sentence), each.words].filter((text) => text !== '').join(' '),
        formats.percent(each.score, 1),
      ]),
      {},
    ),
  ]);
}

function history({ dossier, formats, say }: Made): Html {
  return section(say('history'), [
    table(
      [say('when'), say('person'), say('what')],
      dossier.case.history.map(({ at, actor, sentence }) => [
        formats.moment(at),
        whoIs(dossier, actor),
        formats.say(sentence),
      ]),
      {},
    ),
  ]);
}

/** With the name of a person: records have the number alone, so that a name can be erased. */
function whoIs({ people }: Dossier, actor: string): string {
  const person = people.find(({ id }) => actor === `person ${id}`);
  return person === undefined ? actor : `${person.name} (${actor})`;
}

function provenance({ dossier, formats, say }: Made): Html {
  const from = dossier.provenance;
  const gaps = from.gaps
    .slice(0, MOST_ROWS)
    .map((gap) => `${formats.day(gap.from)} – ${formats.day(gap.to)}`);
  const moreGaps = from.gaps.length - gaps.length;
  const rows = from.files.slice(0, MOST_ROWS);
  const older = from.files.length - rows.length;
  return section(say('provenance'), [
    facts([
      [say('span'), `${formats.day(dossier.curve.from)} – ${formats.day(dossier.curve.to)}`],
      [say('daysStored'), `${formats.number(from.days_stored)} / ${formats.number(from.days)}`],
      [
        say('intervalsMissing'),
        `${formats.number(from.intervals_missing)} / ${formats.number(from.intervals)}`,
      ],
      [say('intervalsNotActual'), formats.number(from.intervals_not_actual)],
      [say('daysRevised'), formats.number(from.days_revised)],
      [
        say('gaps'),
        `${gaps.join('; ') || say('noGaps')}${moreGaps > 0 ? ` ${say('more')} ${moreGaps}` : ''}`,
      ],
    ]),
    rows.length === 0
      ? html`<p>${say('noFiles')}</p>`
      : table(
          [say('file'), say('received'), say('span'), 'SHA-256'],
          rows.map((file) => [
            `${file.upload}. ${formats.say(UPLOAD_TEXTS[file.kind])}, ${file.filename}`,
            formats.moment(file.received_at),
            file.first_day === null ? '–' : `${formats.day(file.first_day)} – ${formats.day(file.last_day)}`,
            file.sha256,
          ]),
          { mono: 3 },
        ),
    older > 0 ? html`<p class="small">${say('filesOmitted')} ${formats.number(older)}.</p>` : null,
  ]);
}

function method({ dossier, formats, say }: Made): Html {
  const { method: made } = dossier;
  const detectors = made.detectors.map(({ detector, version }) => `${detector} ${version}`).join(', ');
  return section(say('method'), [
    facts([
      [say('software'), made.software],
      [say('run'), made.scoring_run === null ? '–' : `${made.scoring_run}`],
      [say('asOf'), formats.day(dossier.case.as_of)],
      [say('settings'), made.settings_version ?? '–'],
      [say('weights'), made.weights_version ?? '–'],
      [say('rulebook'), made.rulebook_version],
      [say('detectors'), detectors || '–'],
    ]),
  ]);
}

async function log({ dossier, formats, say }: Made): Promise<Html> {
  const { audit } = dossier;
  const code = audit.checkpoint === null ? null : await qrCode(audit.checkpoint, { type: 'svg', margin: 1 });
  return section(say('log'), [
    facts([
      [say('logEntries'), formats.number(audit.entries)],
      [say('logEntry'), audit.entry === null ? '–' : `${audit.entry.seq} (${audit.entry.kind})`],
      [say('when'), audit.entry === null ? '–' : formats.moment(audit.entry.at)],
      [say('key'), audit.key ?? '–'],
    ]),
    audit.proof === null ? html`<p class="notice">${say('notSigned')}</p>` : null,
    code === null
      ? null
      : html`<h3>${say('checkpoint')}</h3>
          <div class="checkpoint">
            ${new Html(code)}
            <pre>${audit.checkpoint}</pre>
          </div>`,
    audit.proof &&
      html`<h3>${say('entryText')}</h3>
        <pre>${audit.proof.entry}</pre>
        <h3>${say('proof')}</h3>
        <pre>${audit.proof.hashes.join('\n')}</pre>
        <p class="small">${say('proofNote')}</p>`,
  ]);
}

function weeks({ dossier, formats, say }: Made): Html | null {
  const all = weeksOf(dossier.curve.days).filter(({ days }) => days > 0);
  if (all.length === 0) return null;
  return section(say('weeks'), [
    table(
      [say('week'), say('daysRead'), say('meanKw'), say('p10'), say('p90')],
      all.map((week) => [
        formats.day(week.from),
        formats.number(week.days),
        formats.number(week.meanKw, 2),
        formats.number(week.p10Kw, 2),
        formats.number(week.p90Kw, 2),
      ]),
      {},
    ),
  ]);
}

function section(title: string, parts: readonly (Html | null)[], breaks: 'free' | 'keep' = 'free'): Html {
  return html`<section class="${breaks}">
    <h2>${title}</h2>
    ${parts}
  </section>`;
}

function facts(rows: readonly (readonly [string, string])[]): Html {
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** @param style `numbers`: that many first columns are numbers; `mono`: this column is a hash; `total`: the last row sums up */
function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { numbers = 0, mono, total = false }: { numbers?: number; mono?: number; total?: boolean },
): Html {
  const kindOf = (column: number) => (column < numbers ? 'number' : column === mono ? 'mono' : 'text');
  return html`<table class="${total ? 'total' : 'plain'}">
    <thead>
      <tr>
        ${heads.map((head) => html`<th scope="col">${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${row.map((cell, column) => html`<td class="${kindOf(column)}">${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}
