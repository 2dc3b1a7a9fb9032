import { AlertEvent } from './alert-event.entity.js';
import { Alert } from './alert.entity.js';

/** This module's tables, for the data source. */
export const alertEntities = [Alert, AlertEvent];
