import type { PageDefinition } from '../../app/page.js';

export const regionsPage: PageDefinition = {
  path: '/regions',
  title: { en: 'Regions', ru: 'Регионы' },
  roles: ['inspector', 'supervisor', 'auditor'],
  inNavigation: true,
  goKey: 'r',
  load: () => import('./regions.js'),
};
