import type { PageDefinition } from '../../app/page.js';

export const caseAddress = (id: string): string => `/api/v1/cases/${encodeURIComponent(id)}`;
export const curveAddress = (id: string): string => `${caseAddress(id)}/curve`;

export const casePage: PageDefinition = {
  path: '/cases/:id',
  title: { en: 'Case', ru: 'Дело' },
  roles: ['inspector', 'supervisor', 'auditor'],
  inNavigation: false,
  load: () => import('./case.js'),
  asks: ({ id }) => [caseAddress(id), curveAddress(id)],
};
