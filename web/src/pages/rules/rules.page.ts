import type { PageDefinition } from '../../app/page.js';

export const rulesPage: PageDefinition = {
  path: '/rules',
  title: { en: 'Rules', ru: 'Правила' },
  roles: ['operator', 'utility', 'inspector', 'supervisor', 'auditor'],
  inNavigation: true,
  goKey: 'l',
  load: () => import('./rules.js'),
};
