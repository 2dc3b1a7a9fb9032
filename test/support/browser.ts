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

/** A window of a browser of its own (no cookie of another), with axe in every page and a look set beforehand. */
export async function openWindow(
  browser: Browser,
  { url }: Pick<TestService, 'url'>,
  { language = 'en', theme = 'light', width = 1280, height = 900 }: Look = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height },
    locale: language === 'ru' ? 'ru-RU' : 'en-GB',
    colorScheme: theme,
    timezoneId: 'Europe/Moscow',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  // Runs before the page's own scripts, past its content security policy, which refuses scripts from anywhere else.
  await context.addInitScript(AXE);
  return context;
}

/** A page of somebody new of this role, signed in by the session's cookie. */
export async function openAs(
  browser: Browser,
  service: TestService,
  who: PersonRole | SignedIn,
  look: Look & { readonly path?: string } = {},
): Promise<{ readonly page: Page; readonly person: SignedIn; readonly context: BrowserContext }> {
  const person = typeof who === 'string' ? await signIn(service.database, who) : who;
  const context = await openWindow(browser, service, look);
  await context.addCookies([
    { name: 'gridwarden-loopback', value: person.token, url: service.url, httpOnly: true },
  ]);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  pageErrors.set(page, errors);
  await page.goto(look.path ?? '/');
  return { page, person, context };
}

const pageErrors = new WeakMap<Page, string[]>();

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

/** What axe finds wrong with the page as it is now by WCAG 2.2 A and AA, in a line each; empty when nothing. */
export async function axeViolations(page: Page): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  // What is being read again is paler until it is there.
  await page.waitForFunction(`document.querySelector('[aria-busy="true"]') === null`);
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(tags)} }, resultTypes: ['violations'] })`,
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
