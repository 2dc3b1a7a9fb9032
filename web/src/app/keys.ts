import { useLayoutEffect, useRef } from 'preact/hooks';
import { createStore, useStore } from './store.js';
import { settings } from './settings.js';

/** A key, or two one after the other (`g q`), and what it does. */
export interface Shortcut {
  /** Letters and digits by where they lie on a Latin keyboard, so that a Russian layout has them too; else `event.key`. */
  readonly keys: string;
  readonly label: string;
  readonly run: () => void;
}

/** All shortcuts of now, the newest list last; the help shows them. */
const active = createStore<readonly (readonly Shortcut[])[]>([]);

export function useActiveShortcuts(): readonly Shortcut[] {
  return useStore(active).flat();
}

/** Makes shortcuts work as long as the component is there. Of two with the same key the later one's counts. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const signature = shortcuts.map(({ keys, label }) => `${keys}:${label}`).join('|');
  // With the drawing, not after it: whoever sees a list may press its keys.
  useLayoutEffect(() => {
    // Each calls the newest function of that key: the list itself changes only with its keys and labels.
    const list = latest.current.map(({ keys, label }) => ({
      keys,
      label,
      run: () => latest.current.find((each) => each.keys === keys)?.run(),
    }));
    active.set([...active.get(), list]);
    return () => active.set(active.get().filter((each) => each !== list));
  }, [signature]);
}

const SEQUENCE_MS = 1500;

/** Listens to the keyboard for all shortcuts. They rest in fields, under dialogs, and when they are switched off. */
export function watchKeys(): void {
  let first: { readonly key: string; readonly at: number } | null = null;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.repeat && !isMove(event))) return;
    if (!settings.get().shortcuts || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const key = keyOf(event);
    const started = first !== null && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${key}` : null;
    const all = active.get().flat();
    const found = all.findLast(({ keys }) => keys === started) ?? all.findLast(({ keys }) => keys === key);
    first =
      found === undefined && all.some(({ keys }) => keys.startsWith(`${key} `))
        ? { key, at: event.timeStamp }
        : null;
    if (found === undefined) return;
    event.preventDefault();
    found.run();
  });
}

function isMove({ code }: KeyboardEvent): boolean {
  return code === 'KeyJ' || code === 'KeyK';
}

function keyOf({ code, key, shiftKey }: KeyboardEvent): string {
  if (key === '?' || (code === 'Slash' && shiftKey)) return '?';
  if (code === 'Slash') return '/';
  const match = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(code);
  if (match === null) return key;
  return shiftKey ? `Shift+${match[1].toLowerCase()}` : match[1].toLowerCase();
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return (
    element?.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]') !=
    null
  );
}
