import { BalanceSuspect } from './balance-suspect.entity.js';
import { TransformerBalanceRow } from './transformer-balance.entity.js';

/** This module's tables, for the data source. */
export const balanceEntities = [TransformerBalanceRow, BalanceSuspect];
