import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { GraphDrawStyle, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import { StackingConfigBuilder, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  type Dashboard,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

/** Wide enough for a third of a page of 24 columns. */
const WIDTH = 8;
const HEIGHT = 7;
const SOURCE = { type: 'prometheus', uid: '${datasource}' };
/** Case tables, read by the role of grafana/report-role.sql. */
const TABLES = { type: 'grafana-postgresql-datasource', uid: 'gridwarden-cases' };

/** One line of a panel: what is asked, and how its series are called. */
export interface Line {
  readonly expr: string;
  readonly legend?: string;
}

interface PanelFacts {
  readonly title: string;
  /** What it tells, and when to worry. */
  readonly says: string;
  /** Grafana's name of the unit. */
  readonly unit: string;
  readonly lines: readonly Line[];
}

export interface DashboardFacts {
  readonly uid: string;
  readonly title: string;
  /** The question that the dashboard answers. */
  readonly question: string;
  /** A label that a reader may narrow everything to, and a metric that has all of its values. */
  readonly narrowBy?: { readonly label: string; readonly metric: string };
  readonly rows: readonly { readonly title: string; readonly panels: readonly Builder<Panel>[] }[];
}

/** How it went over time. */
export function graph(facts: PanelFacts & { readonly stacked?: boolean }): Builder<Panel> {
  const panel = framed(new TimeSeries(), facts)
    .fillOpacity(10)
    .lineWidth(1)
    .min(0)
    .legend(new VizLegendOptionsBuilder().showLegend(facts.lines.some(({ legend }) => legend !== undefined)));
  if (!facts.stacked) return panel;
  return panel.drawStyle(GraphDrawStyle.Line).stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
}

/** How it stands now. */
export function figure(facts: PanelFacts): Builder<Panel> {
  return framed(new Stat(), facts);
}

/** How it stands now, a row for each series. */
export function table(facts: PanelFacts): Builder<Panel> {
  const panel = new Table()
    .title(facts.title)
    .description(facts.says)
    .unit(facts.unit)
    .datasource(SOURCE)
    .span(WIDTH)
    .height(HEIGHT);
  for (const query of queries(facts.lines)) panel.withTarget(query.instant().format(PromQueryFormat.Table));
  return panel;
}

function framed<P extends TimeSeries | Stat>(panel: P, { title, says, unit, lines }: PanelFacts): P {
  panel.title(title).description(says).unit(unit).datasource(SOURCE).span(WIDTH).height(HEIGHT);
  for (const query of queries(lines)) panel.withTarget(query);
  return panel;
}

function queries(lines: readonly Line[]): DataqueryBuilder[] {
  return lines.map(({ expr, legend = '' }, index) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + index))
      .expr(expr)
      .legendFormat(legend),
  );
}

/** Rows of the views in `gridwarden_report`, as they are now. */
export function rows(facts: {
  readonly title: string;
  /** What it tells, and when to worry. */
  readonly says: string;
  /** Of the columns that are numbers. */
  readonly unit: string;
  readonly sql: string;
}): Builder<Panel> {
  return new Table()
    .title(facts.title)
    .description(facts.says)
    .unit(facts.unit)
    .datasource(TABLES)
    .span(WIDTH)
    .height(HEIGHT)
    .withTarget(sqlQuery(facts.sql));
}

/** The SDK has no builder for PostgreSQL's queries. */
function sqlQuery(sql: string): Builder<Dataquery> {
  const query = {
    refId: 'A',
    datasource: TABLES,
    format: 'table',
    rawQuery: true,
    rawSql: sql,
    editorMode: 'code',
  };
  return { build: () => query as unknown as Dataquery };
}

/** As Grafana's provisioning reads it. */
export function dashboard({ uid, title, question, narrowBy, rows }: DashboardFacts): Dashboard {
  const built = new DashboardBuilder(`Gridwarden: ${title}`)
    .uid(uid)
    .description(question)
    .tags(['gridwarden'])
    .readonly()
    .refresh('1m')
    .time({ from: 'now-24h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  if (narrowBy !== undefined) {
    const { label, metric } = narrowBy;
    built.withVariable(
      new QueryVariableBuilder(label)
        .datasource(SOURCE)
        .query(`label_values(${metric}, ${label})`)
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .allValue('.*'),
    );
  }
  for (const row of rows) {
    built.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) built.withPanel(panel);
  }
  return withoutIntervals(built.build());
}

/** The SDK gives every variable the settings of one for intervals, which Grafana's own types know nothing of. */
function withoutIntervals(built: Dashboard): Dashboard {
  const list = built.templating.list?.map((variable) => {
    const { auto: _a, auto_min: _m, auto_count: _c, ...rest } = variable;
    return rest;
  });
  return { ...built, templating: { ...built.templating, list } };
}

/** Seconds since a timestamp that is 0 when there is nothing to wait for. */
export function ageOf(metric: string): string {
  return `(time() - ${metric}) * (${metric} > bool 0)`;
}
