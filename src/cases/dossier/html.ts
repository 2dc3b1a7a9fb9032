/** Text that is HTML already; anything else that goes into {@link html} is escaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | null | Html | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template whose values are escaped: names of files and words of people come from outside. Null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    strings.reduce((text, string, index) => text + rendered(parts[index - 1] ?? null) + string),
  );
}

function rendered(part: Part): string {
  if (part instanceof Html) return part.text;
  if (part === null) return '';
  if (typeof part === 'object') return part.map(rendered).join('');
  return String(part).replace(/[&<>"']/g, (letter) => ESCAPES[letter]);
}
