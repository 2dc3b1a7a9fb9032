import type { PageDefinition } from '../../app/page.js';

export const uploadsPage: PageDefinition = {
  path: '/uploads',
  title: { en: 'Uploads', ru: 'Загрузки' },
  roles: ['utility', 'auditor', 'operator'],
  inNavigation: true,
  goKey: 'u',
  load: () => import('./uploads.js'),
};

export const uploadPage: PageDefinition = {
  path: '/uploads/:id',
  title: { en: 'Receipt', ru: 'Квитанция' },
  roles: ['utility', 'auditor', 'operator'],
  inNavigation: false,
  load: () => import('./upload.js'),
};
