import type { PageDefinition } from '../../app/page.js';

export const queuePage: PageDefinition = {
  path: '/cases',
  title: { en: 'Queue', ru: 'Очередь' },
  roles: ['inspector', 'supervisor', 'auditor'],
  inNavigation: true,
  goKey: 'q',
  load: () => import('./queue.js'),
};
