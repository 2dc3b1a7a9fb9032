import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'size'> {
  readonly look?: 'primary' | 'plain' | 'quiet' | 'danger';
  /** The key that does the same, shown on the button. */
  readonly shortcut?: string;
  readonly children: ComponentChildren;
}

export function Button({ look = 'plain', shortcut, children, class: more, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} class={`button button-${look} ${typeof more === 'string' ? more : ''}`}>
      <span>{children}</span>
      {shortcut && <Key>{shortcut}</Key>}
    </button>
  );
}

/** A key of the keyboard; shown by the style sheet only where shortcuts are on and there is a keyboard. */
export function Key({ children }: { readonly children: ComponentChildren }) {
  return (
    <kbd class="key" aria-hidden="true">
      {children}
    </kbd>
  );
}
