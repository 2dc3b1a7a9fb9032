import type { DataSource } from 'typeorm';

/** What this module's SQL needs: the data source, or a transaction of it. */
export type Queryable = Pick<DataSource, 'query'>;
