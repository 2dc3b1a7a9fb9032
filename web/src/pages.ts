import type { PageDefinition } from './app/page.js';
import { accessPage } from './pages/access/access.page.js';
import { casePage } from './pages/case/case.page.js';
import { dossierPage } from './pages/dossier/dossier.page.js';
import { qualityPage } from './pages/quality/quality.page.js';
import { queuePage } from './pages/queue/queue.page.js';
import { regionsPage } from './pages/regions/regions.page.js';
import { rulesPage } from './pages/rules/rules.page.js';
import { transformerPage, transformersPage } from './pages/transformers/transformers.page.js';
import { uploadPage, uploadsPage } from './pages/uploads/uploads.page.js';

/** All pages, in the order of the navigation. A new page is a folder in pages/ and a line here. */
export const PAGES: readonly PageDefinition[] = [
  queuePage,
  casePage,
  uploadsPage,
  uploadPage,
  transformersPage,
  transformerPage,
  regionsPage,
  qualityPage,
  dossierPage,
  accessPage,
  rulesPage,
];
