/** What a step says of itself: `show` while it runs, `note` when it is done. */
export interface StepOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const TITLE_COLUMNS = 26;
/** Often enough to look alive, seldom enough not to cost anything. */
const REDRAW_MS = 100;

/** A list of steps on stderr: the one that runs is redrawn on a terminal, each that is done stays as one line. */
export class Steps {
  constructor(private readonly output: StepOutput) {}

  /** Runs `job`, which may `show` how far it is; `note` tells in a few words what came out. */
  async run<T>(
    title: string,
    job: (show: (progress: string) => void) => Promise<T>,
    note: (result: T) => string,
  ): Promise<T> {
    const startedAt = performance.now();
    let drawnAt = -Infinity;
    const show = (progress: string): void => {
      if (!this.output.isTTY || performance.now() - drawnAt < REDRAW_MS) return;
      drawnAt = performance.now();
      this.redraw(`  … ${title.padEnd(TITLE_COLUMNS)}${progress}`);
    };
    show('');
    try {
      const result = await job(show);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      this.redraw(`  ✔ ${title.padEnd(TITLE_COLUMNS)}${note(result)}  (${seconds} s)\n`);
      return result;
    } catch (error) {
      this.redraw(`  ✘ ${title}\n`);
      throw error;
    }
  }

  /** Replaces the line the cursor is on; without a terminal there is nothing to replace. */
  private redraw(line: string): void {
    this.output.write(this.output.isTTY ? `\r\u001b[2K${line}` : line);
  }
}
