import type { PageDefinition } from '../../app/page.js';

export const transformersPage: PageDefinition = {
  path: '/transformers',
  title: { en: 'Transformers', ru: 'Трансформаторы' },
  roles: ['utility', 'inspector', 'supervisor', 'auditor'],
  inNavigation: true,
  goKey: 't',
  load: () => import('./transformers.js'),
};

export const transformerPage: PageDefinition = {
  path: '/transformers/:id',
  title: { en: 'Transformer', ru: 'Трансформатор' },
  roles: ['utility', 'inspector', 'supervisor', 'auditor'],
  inNavigation: false,
  load: () => import('./transformer.js'),
};
