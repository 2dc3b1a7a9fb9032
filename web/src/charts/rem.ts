/** Pixels of so many rem: what is drawn on a canvas grows with the letters around it. */
export function rem(count: number): number {
  return count * parseFloat(getComputedStyle(document.documentElement).fontSize);
}
