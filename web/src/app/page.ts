import type { ComponentType } from 'preact';
import type { Sentence } from '../i18n/use-texts.js';
import type { PathValues } from './router-path.js';
import type { Role } from './session-store.js';

export interface PageProps {
  readonly values: PathValues;
  /** The address' query, `?state=dealt`. */
  readonly query: string;
}

/** A page: who may see it, where it is, and where its code lies, which is loaded when somebody goes there. */
export interface PageDefinition {
  /** `/cases/:id` */
  readonly path: string;
  readonly title: Sentence;
  readonly roles: readonly Role[];
  /** Stands in the navigation; the first of somebody's pages is where they begin. */
  readonly inNavigation: boolean;
  /** After G: goes there. A letter of the Latin keyboard. */
  readonly goKey?: string;
  readonly load: () => Promise<{ readonly default: ComponentType<PageProps> }>;
  /** What it asks the service for first: asked for beside the loading of its code, for pages that people wait for. */
  readonly asks?: (values: PathValues) => readonly string[];
}
