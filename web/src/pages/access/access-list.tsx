import type { ComponentChildren } from 'preact';
import type { Resource } from '../../app/use-resource.js';
import { Button } from '../../components/button.js';
import { EmptyState, Loaded } from '../../components/states.js';
import { Table, type Column } from '../../components/table.js';

interface AccessListProps<Row> {
  readonly title: string;
  /** What stands there while there is none. */
  readonly empty: string;
  readonly resource: Resource<{ readonly items: readonly Row[] }>;
  readonly rowKey: (row: Row) => string | number;
  readonly columns: readonly Column<Row>[];
  /** Null for who may only read. */
  readonly add: { readonly label: string; readonly run: () => void } | null;
  /** Dialogs. */
  readonly children: ComponentChildren;
}

/** People and keys alike: a list, a button that adds to it, and the dialogs that its rows open. */
export function AccessList<Row>({
  title,
  empty,
  resource,
  rowKey,
  columns,
  add,
  children,
}: AccessListProps<Row>) {
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{title}</h2>
        {add && <Button onClick={add.run}>{add.label}</Button>}
      </header>
      <Loaded resource={resource}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={empty} />
          ) : (
            <Table caption={title} rows={items} rowKey={rowKey} columns={columns} />
          )
        }
      </Loaded>
      {children}
    </section>
  );
}
