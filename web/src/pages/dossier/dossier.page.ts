import type { PageDefinition } from '../../app/page.js';

export const dossierPage: PageDefinition = {
  path: '/cases/:id/dossier',
  title: { en: 'Dossier', ru: 'Досье' },
  roles: ['inspector', 'supervisor', 'auditor'],
  inNavigation: false,
  load: () => import('./dossier.js'),
};
