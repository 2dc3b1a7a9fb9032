import type { PageDefinition } from '../../app/page.js';

export const accessPage: PageDefinition = {
  path: '/access',
  title: { en: 'People and keys', ru: 'Люди и ключи' },
  roles: ['operator', 'auditor'],
  inNavigation: true,
  goKey: 'p',
  load: () => import('./access.js'),
};
