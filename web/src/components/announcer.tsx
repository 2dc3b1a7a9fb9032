import { createStore, useStore } from '../app/store.js';

interface Announcement {
  readonly text: string;
  readonly kind: 'done' | 'failed';
  readonly at: number;
}

const announcement = createStore<Announcement | null>(null);
const SHOWN_MS = 6000;
let timer: number | undefined;

/** Says something in passing, to eyes and to screen readers: what was done, or what did not work. */
export function announce(text: string, kind: Announcement['kind'] = 'done'): void {
  window.clearTimeout(timer);
  announcement.set({ text, kind, at: performance.now() });
  // A failure stays until something else is said: nobody should miss it by looking away.
  if (kind === 'done') timer = window.setTimeout(() => announcement.set(null), SHOWN_MS);
}

export function hush(): void {
  announcement.set(null);
}

/** Where announcements appear; there from the start, or screen readers would not read what comes into it. */
export function Announcer({ closeLabel }: { readonly closeLabel: string }) {
  const said = useStore(announcement);
  return (
    <div class="announcer" role="status" aria-live="polite">
      {said && (
        <p class={`announcement announcement-${said.kind}`}>
          <span>{said.text}</span>
          <button type="button" class="announcement-close" aria-label={closeLabel} onClick={hush}>
            ×
          </button>
        </p>
      )}
    </div>
  );
}
