import { RefusedError } from '../../../config/errors.js';

const MOST_OBJECT = 65_536;
const MOST_DEPTH = 32;

/** A flat object of a JSON text, and the line it begins in. */
export interface JsonObject {
  readonly line: number;
  readonly text: string;
}

/**
 * Finds the innermost objects of JSON or NDJSON, in whatever arrays and wrappers they lie, without the whole text in
 * memory. Strings are stepped over, so that braces in them count for nothing.
 */
export class JsonObjects {
  private line = 1;
  private depth = 0;
  private start: { line: number; text: string } | null = null;
  private isString = false;
  private isEscaped = false;

  /** The object that the text so far has begun and not ended: cut off when there is no more. */
  get open(): JsonObject | null {
    return this.start;
  }

  take(text: string): JsonObject[] {
    const found: JsonObject[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const char = text[at];
      if (char === '\n') this.line++;
      if (this.isString) {
        if (this.isEscaped) this.isEscaped = false;
        else if (char === '\\') this.isEscaped = true;
        else if (char === '"') this.isString = false;
        continue;
      }
      if (char === '"') this.isString = true;
      else if (char === '{') {
        if (++this.depth > MOST_DEPTH)
          throw new RefusedError(`Line ${this.line}: the JSON is nested deeper than any file of events.`);
        this.start = { line: this.line, text: '' };
        from = at;
      } else if (char === '}') {
        this.depth = Math.max(0, this.depth - 1);
        if (this.start !== null)
          found.push({ line: this.start.line, text: this.start.text + text.slice(from, at + 1) });
        this.start = null;
      }
    }
    if (this.start !== null) {
      this.start.text += text.slice(from);
      if (this.start.text.length > MOST_OBJECT)
        throw new RefusedError(`Line ${this.start.line}: an object of the JSON does not end.`);
    }
    return found;
  }
}
