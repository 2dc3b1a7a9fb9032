import { NotFoundException } from '@nestjs/common';
import { tenantOf, type Caller } from '../access/caller.js';
import type { Database } from '../database/open-database.js';
import { receiptOf, type Receipt } from './receipt.js';
import { Upload } from './upload.entity.js';

/** The receipt of an upload that the caller may see. @throws NotFoundException */
export async function receiptFor(
  { dataSource }: Pick<Database, 'dataSource'>,
  caller: Caller,
  id: number,
): Promise<Receipt> {
  const tenant = tenantOf(caller);
  const upload = await dataSource
    .getRepository(Upload)
    .findOneBy({ id, ...(tenant === null ? {} : { utilityId: tenant }) });
  if (!upload) throw new NotFoundException(`There is no upload ${id}.`);
  return receiptOf(upload);
}
