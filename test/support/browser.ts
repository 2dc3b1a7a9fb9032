import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { projectRoot } from '../../src/config/project-root.js';
import type { PersonRole } from '../../src/rights/domain/roles.js';
import { signIn, type SignedIn } from './access.js';
import { CHROMIUM, describeWithDebian } from './debian.js';
import type { TestService } from './http-app.js';

/** The machine may be busy with other tests; what is waited for is a condition, never a time. */
const PATIENCE_MS = 30_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export type PageLanguage = 'en' | 'ru';
export type PageTheme = 'light' | 'dark';

export interface Look {
  readonly language?: PageLanguage;
  readonly theme?: PageTheme;
  readonly width?: number;
  readonly height?: number;
}

/** `describe` with a way to start Chromium; skipped, and says so, where there is none. */
export function describeInBrowser(name: string, tests: (open: () => Promise<Browser>) => void): void {
  describeWithDebian(name, [CHROMIUM], (executablePath) =>
    tests(() =>
      chromium.launch({
        executablePath,
        // Tests may run as root, for whom Chromium has no sandbox, and in a container with a small /dev/shm.
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
      }),
    ),
  );
}

/** Somebody's window: as new when it is opened, whoever had it before. */
export interface Window {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Gives it back, without cookies and settings, for the next test: a new one takes a second, half of it to start a process. */
  close(): Promise<void>;
}

const idleWindows = new WeakMap<Browser, Record<PageLanguage, Window[]>>();
const pageErrors = new WeakMap<Page, string[]>();

/** A window that nobody is signed in to, with a look set beforehand. */
export async function openWindow(
  browser: Browser,
  { url }: Pick<TestService, 'url'>,
  look: Look = {},
): Promise<Window> {
  const language = look.language ?? 'en';
  const window = idleOf(browser)[language].pop() ?? (await newWindow(browser, url, language));
  pageErrors.set(window.page, []);
  await setLook(window.page, look);
  return window;
}

function idleOf(browser: Browser): Record<PageLanguage, Window[]> {
  const idle = idleWindows.get(browser) ?? { en: [], ru: [] };
  idleWindows.set(browser, idle);
  return idle;
}

async function newWindow(browser: Browser, baseURL: string, language: PageLanguage): Promise<Window> {
  const context = await browser.newContext({
    baseURL,
    locale: language === 'ru' ? 'ru-RU' : 'en-GB',
    timezoneId: 'Europe/Moscow',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on('pageerror', (error) => pageErrors.get(page)?.push(error.message));
  const window: Window = {
    page,
    context,
    close: async () => {
      await asNew(window);
      idleOf(browser)[language].push(window);
    },
  };
  return window;
}

async function asNew({ page, context }: Window): Promise<void> {
  await context.setOffline(false);
  for (const other of context.pages().filter((each) => each !== page)) await other.close();
  page.removeAllListeners('request');
  await page.evaluate('localStorage.clear(); sessionStorage.clear()');
  await page.goto('about:blank');
  await context.clearCookies();
}

/** Size of the window and whether the system is dark: the page itself follows, and is not loaded again. */
export async function setLook(
  page: Page,
  { theme = 'light', width = 1280, height = 900 }: Look,
): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: theme });
}

/** A window of somebody new of this role, signed in by the session's cookie. */
export async function openAs(
  browser: Browser,
  service: TestService,
  who: PersonRole | SignedIn,
  look: Look & { readonly path?: string } = {},
): Promise<Window & { readonly person: SignedIn }> {
  const person = typeof who === 'string' ? await signIn(service.database, who) : who;
  const window = await openWindow(browser, service, look);
  await window.context.addCookies([
    { name: 'gridwarden-loopback', value: person.token, url: service.url, httpOnly: true },
  ]);
  await window.page.goto(look.path ?? '/');
  return { ...window, person };
}

/** What the page's scripts threw since it was opened. */
export function errorsOf(page: Page): readonly string[] {
  return pageErrors.get(page) ?? [];
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
  }[];
}

/** WCAG 2.2 A and AA, and what axe's makers advise. */
const ALL_RULES = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
};

/** Rules whose outcome may change with colours and sizes alone; the others see the same document in every look. */
const LOOK_RULES = {
  type: 'rule',
  values: ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable'],
};

/** What axe finds wrong with the page as it is now, in a line each; empty when nothing. */
export function axeViolations(page: Page): Promise<string[]> {
  return runAxe(page, ALL_RULES);
}

/** What axe finds wrong with another look of a page that it has seen whole. */
export function axeViolationsOfLook(page: Page): Promise<string[]> {
  return runAxe(page, LOOK_RULES);
}

async function runAxe(page: Page, runOnly: typeof ALL_RULES): Promise<string[]> {
  // What is being read again is paler until it is there.
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  // Past the page's content security policy, which refuses scripts from anywhere else.
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: ${JSON.stringify(runOnly)}, resultTypes: ['violations'] })`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id} (${help}) at ${target.join(' ')}: ${failureSummary ?? ''}`,
    ),
  );
}

/** Whether the page is wider than the window, so that it scrolls sideways. */
export async function overflows(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth');
}

/** Rewrites a picture of the documentation, only when UPDATE_SCREENSHOTS=1 asks for it. */
export async function screenshot(
  page: Page,
  name: string,
  options: { readonly fullPage?: boolean } = {},
): Promise<void> {
  if (process.env.UPDATE_SCREENSHOTS !== '1') return;
  await page.screenshot({ path: path.join(projectRoot, 'docs', 'screens', `${name}.png`), ...options });
}
