import type { PageDefinition } from '../../app/page.js';
import { caseAddress, curveAddress } from './addresses.js';

export const casePage: PageDefinition = {
  path: '/cases/:id',
  title: { en: 'Case', ru: 'Дело' },
  roles: ['inspector', 'supervisor', 'auditor'],
  inNavigation: false,
  load: () => import('./case.js'),
  asks: ({ id }) => [caseAddress(id), curveAddress(id)],
};
