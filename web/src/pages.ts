import type { PageDefinition } from './app/page.js';
import { queuePage } from './pages/queue/queue.page.js';

/** All pages, in the order of the navigation. A new page is a folder in pages/ and a line here. */
export const PAGES: readonly PageDefinition[] = [queuePage];
