import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Inject, Injectable, ServiceUnavailableException } from '@nestjs/common';
import type { Browser } from 'playwright-core';
import { CONFIG } from '../../config/config.module.js';
import type { Config } from '../../config/config.js';

/** Where systems install it; Debian's first. */
const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
/** A browser takes 100 to 200 MB and a core for a second or two. */
const MOST_AT_ONCE = 2;
const MOST_WAITING = 8;
const TIMEOUT_MS = 30_000;

/**
 * Prints a page as PDF with a headless Chromium of its own: started for this page, without scripts, without network, gone
 * after half a minute whatever happens. Loaded when first asked for: most processes never print.
 */
@Injectable()
export class PdfPrinter {
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'chromiumPath'>) {}

  /** @throws ServiceUnavailableException without a browser, with too many printing, or when it takes too long */
  async print(page: string): Promise<Buffer> {
    const executablePath = this.browserPath();
    await this.takePlace();
    try {
      return await printWith(executablePath, page);
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }

  /** @throws ServiceUnavailableException */
  private browserPath(): string {
    const { chromiumPath } = this.config;
    const found = [chromiumPath ?? USUAL_PLACES].flat().find((file) => existsSync(file));
    if (found !== undefined) return found;
    throw new ServiceUnavailableException(
      'No Chromium is installed where this service runs, which prints PDF: install it (apt-get install chromium) or ' +
        'name it in GRIDWARDEN_CHROMIUM. The dossier as a page needs none and prints from any browser.',
    );
  }

  private async takePlace(): Promise<void> {
    if (this.running >= MOST_AT_ONCE) {
      if (this.waiting.length >= MOST_WAITING)
        throw new ServiceUnavailableException('Too many dossiers are being printed: try again in a minute.');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.running++;
  }
}

async function printWith(executablePath: string, page: string): Promise<Buffer> {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath,
    timeout: TIMEOUT_MS,
    // Nothing of ours in its environment, such as the database's password.
    env: { PATH: process.env.PATH ?? '', HOME: tmpdir(), LANG: 'C.UTF-8' },
    // In a container neither of them is there; what is printed is our own page, with every text escaped.
    chromiumSandbox: false,
    args: ['--disable-gpu', '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND'],
  });
  try {
    return await Promise.race([pdfOf(browser, page), outOfTime()]);
  } finally {
    await browser.close();
  }
}

async function pdfOf(browser: Browser, content: string): Promise<Buffer> {
  const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
  const page = await context.newPage();
  await page.route('**/*', (route) => route.abort());
  await page.setContent(content, { timeout: TIMEOUT_MS });
  return page.pdf({
    format: 'A4',
    printBackground: true,
    preferCSSPageSize: true,
    tagged: true,
    outline: true,
    displayHeaderFooter: true,
    headerTemplate: '<span></span>',
    footerTemplate:
      '<div style="font-size:8px;width:100%;text-align:center;color:#444c59"><span class="title"></span> · <span class="pageNumber"></span> / <span class="totalPages"></span></div>',
  });
}

async function outOfTime(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS).unref());
  throw new ServiceUnavailableException(
    `The dossier was not printed within ${TIMEOUT_MS / 1000} s: try again.`,
  );
}
