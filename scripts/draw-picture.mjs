/**
 * `node scripts/draw-picture.mjs`: draws docs/images/flagged-and-spared.svg from the demo's database (npm run demo -- --once
 * first): a flagged home beside an undeclared electric boiler that was spared, each with the reasons given.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exitWith, root, setup } from './setup.mjs';

const REGION = '1500x75-1';
const WIDTH = 1000;
const PANEL = { height: 300, chartTop: 62, chartHeight: 120, left: 56, right: 24 };

await exitWith(async () => {
  await setup();
  const { loadConfig } = await import('../dist/src/config/config.js');
  const { openDatabase } = await import('../dist/src/database/open-database.js');
  const dataDir = path.join(loadConfig(process.env).dataDir, 'demo', REGION);
  const database = await openDatabase({ dataDir, databaseUrl: null });
  try {
    const truth = readFileSync(path.join(dataDir, 'region', 'truth.csv'), 'utf8').split('\n');
    const idsOf = (name) =>
      truth.filter((line) => line.split(',')[1] === name).map((line) => line.split(',')[0]);
    const miner = await home(database, idsOf('rigs_steady'), 's.case_worthy', 's.score desc');
    const boiler = await home(database, idsOf('electric_boiler_undeclared'), 'not s.case_worthy', 'kwh desc');
    const panels = [
      panel(miner, 0, '#c0392b', 'suspected of mining', (reason) => reason.logOdds > 0),
      panel(boiler, PANEL.height, '#2471a3', 'spared', (reason) => reason.logOdds < 0),
    ];
    const file = path.join(root, 'docs', 'images', 'flagged-and-spared.svg');
    writeFileSync(file, `${frame(panels.join('\n'))}\n`);
    console.log(file);
  } finally {
    await database.close();
  }
  return 0;
});

async function home({ dataSource }, ids, which, order) {
  const [point] = await dataSource.query(
    `select m.id, m.external_id, s.score, s.since, s.evidence, s.findings, m.territory_code,
            (select sum(total_wh) from load_profile where metering_point_id = m.id) as kwh
     from score s join metering_point m on m.id = s.metering_point_id
     where m.external_id = any($1) and ${which} order by ${order} limit 1`,
    [ids],
  );
  const days = await dataSource.query(
    `select p.day, p.total_wh / 1000.0::float8 as kwh,
            (select avg(t) from unnest(w.temperature_c) t) as celsius
     from load_profile p left join weather_day w on w.day = p.day and w.territory_code = $2
     where p.metering_point_id = $1 and p.intervals = 24 order by p.day`,
    [point.id, point.territory_code],
  );
  return { ...point, days };
}

function frame(body) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${PANEL.height * 2 - 60}" font-family="DejaVu Sans, Verdana, sans-serif">
<rect width="100%" height="100%" fill="#fff"/>
${body}
</svg>`;
}

function panel({ external_id, score, since, evidence, days }, top, colour, verdict, tells) {
  const { chartTop, chartHeight, left, right } = PANEL;
  const width = (WIDTH - left - right) / days.length;
  const most = Math.max(...days.map((day) => day.kwh));
  const y = (kwh) => top + chartTop + chartHeight * (1 - kwh / most);
  const bars = days.map((day, i) => {
    const fill = since !== null && day.day >= since && verdict !== 'spared' ? colour : '#b8c4ce';
    const x = left + i * width;
    return `<rect x="${x.toFixed(1)}" y="${y(day.kwh).toFixed(1)}" width="${(width - 1).toFixed(1)}" height="${((chartHeight * day.kwh) / most).toFixed(1)}" fill="${fill}"/>`;
  });
  const title = `<text x="${left}" y="${top + 28}" font-size="17" font-weight="bold">Metering point ${external_id}: <tspan fill="${colour}">${verdict}</tspan>, probability ${Math.min(score, 0.999).toFixed(3)}</text>`;
  const axis = [
    `<text x="${left - 8}" y="${y(most) + 5}" font-size="11" text-anchor="end">${Math.round(most)}</text>`,
    `<text x="${left - 8}" y="${y(0)}" font-size="11" text-anchor="end">0</text>`,
    `<text x="${left}" y="${top + chartTop - 12}" font-size="11" fill="#555">kWh a day${verdict === 'spared' ? ', and outdoor temperature (orange)' : ''}</text>`,
    `<text x="${left}" y="${y(0) + 16}" font-size="11" fill="#555">${days[0].day}</text>`,
    `<text x="${WIDTH - right}" y="${y(0) + 16}" font-size="11" fill="#555" text-anchor="end">${days.at(-1).day}</text>`,
  ];
  const reasons = evidence
    .filter((reason) => reason.kind !== 'context' && tells(reason))
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds))
    .slice(0, 3)
    .flatMap((reason) => wrapped(reason.sentence.en))
    .map((line, i) => `<text x="${left}" y="${y(0) + 40 + i * 17}" font-size="13">${escaped(line)}</text>`);
  const warmth = verdict === 'spared' ? temperatureLine(days, left, width, top) : '';
  return [title, ...axis, ...bars, warmth, ...reasons].join('\n');
}

function temperatureLine(days, left, width, top) {
  const known = days.filter((day) => day.celsius !== null).map((day) => day.celsius);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const points = days
    .map((day, i) => [
      left + (i + 0.5) * width,
      top + PANEL.chartTop + PANEL.chartHeight * (1 - (day.celsius - low) / (high - low)),
    ])
    .map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`);
  return `<polyline points="${points.join(' ')}" fill="none" stroke="#e67e22" stroke-width="2"/>`;
}

function wrapped(text, most = 128) {
  const lines = ['•'];
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length > most) lines.push(' ');
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
