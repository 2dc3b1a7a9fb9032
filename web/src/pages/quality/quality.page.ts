import type { PageDefinition } from '../../app/page.js';

export const qualityPage: PageDefinition = {
  path: '/quality',
  title: { en: 'Quality', ru: 'Качество' },
  roles: ['supervisor', 'auditor'],
  inNavigation: true,
  goKey: 'k',
  load: () => import('./quality.js'),
};
