import type { DataSource } from 'typeorm';

/** What SQL of ours needs: the data source, or a transaction of it. */
export type Queryable = Pick<DataSource, 'query'>;
