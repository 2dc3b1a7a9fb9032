import type { RejectReason } from './domain/rejected-row.js';
import type { FoundMessage } from './formats/format.js';
import type { MessageReceipt } from './upload.entity.js';

/** An archive of a year of daily messages of some senders; more are loaded, and not answered one by one. */
const MOST_ANSWERS = 1_000;

/** The acknowledgement codes in use between exchangers of АСКУЭ files. */
const TEXTS = [
  'accepted',
  'accepted; some values are missing or not commercial',
  'metering points or channels are unknown: their values wait for the registry or the table of codes',
  'the format has errors: the values concerned were not taken',
] as const;

const FORMAT_FAULTS: readonly RejectReason[] = [
  'bad_xml',
  'bad_time',
  'bad_number',
  'bad_interval',
  'not_recognised',
  'bad_value',
];

interface Answer {
  readonly message: FoundMessage;
  hasGaps: boolean;
  hasUnknown: boolean;
  hasFaults: boolean;
}

/** What each message of a file is answered; the worst that befell it decides. */
export class MessageAnswers {
  private readonly answers: Answer[] = [];
  private last: Answer | null = null;

  begin(message: FoundMessage): void {
    this.last = { message, hasGaps: false, hasUnknown: false, hasFaults: false };
    if (this.answers.length < MOST_ANSWERS) this.answers.push(this.last);
  }

  note(hasGaps: boolean): void {
    if (this.last !== null && hasGaps) this.last.hasGaps = true;
  }

  unknown(): void {
    if (this.last !== null) this.last.hasUnknown = true;
  }

  fault(reason: RejectReason): void {
    if (this.last === null) return;
    if (reason === 'unknown_channel') this.last.hasUnknown = true;
    else if (FORMAT_FAULTS.includes(reason)) this.last.hasFaults = true;
  }

  all(): readonly MessageReceipt[] {
    return this.answers.map(({ message, hasGaps, hasUnknown, hasFaults }) => {
      const { family, sender, number, period } = message;
      const code = hasFaults ? 3 : hasUnknown ? 2 : hasGaps ? 1 : 0;
      return { family, sender, number, period, code, text: TEXTS[code] };
    });
  }
}
