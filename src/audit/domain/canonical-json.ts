/**
 * JSON as RFC 8785 writes it: members sorted by the UTF-16 code units of their names, no spaces, numbers and strings as
 * ECMAScript writes them; so one value has one text, and one hash. `{ "b": 1.0, "a": "€" }` is `{"a":"€","b":1}`.
 * Members that are undefined are left out, as JSON.stringify does.
 *
 * @throws TypeError what JSON has no word for: NaN, infinity, half a surrogate pair, a date, a function.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isPlainObject(value)) return canonicalObject(value);
  throw new TypeError(`${Object.prototype.toString.call(value)} has no canonical JSON`);
}

function canonicalObject(object: Readonly<Record<string, unknown>>): string {
  const members = Object.keys(object)
    .filter((name) => object[name] !== undefined)
    // Without a comparison, sort goes by UTF-16 code units: what the RFC asks for.
    .sort()
    .map((name) => `${canonicalString(name)}:${canonicalJson(object[name])}`);
  return `{${members.join(',')}}`;
}

export function canonicalString(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new TypeError('half a surrogate pair has no canonical JSON');
  return JSON.stringify(text);
}

function canonicalNumber(number: number): string {
  if (!Number.isFinite(number)) throw new TypeError(`${number} has no canonical JSON`);
  return JSON.stringify(number);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
