import { useEffect, useState } from 'preact/hooks';
import { isDark, settings } from '../app/settings.js';

/** A colour of the style sheet, for what is drawn on a canvas. */
export function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Whether the page is dark now; a canvas has to be drawn anew when that changes. */
export function useIsDark(): boolean {
  const [dark, setDark] = useState(isDark());
  useEffect(() => {
    const update = (): void => setDark(isDark());
    const media = matchMedia('(prefers-color-scheme: dark)');
    media.addEventListener('change', update);
    const unsubscribe = settings.subscribe(update);
    return () => {
      media.removeEventListener('change', update);
      unsubscribe();
    };
  }, []);
  return dark;
}

type Rgb = readonly [number, number, number];

/** From nothing to a machine that never rests: lightness goes one way all along, so that grey eyes and prints see it too. */
const SCALES: { readonly light: readonly Rgb[]; readonly dark: readonly Rgb[] } = {
  light: [
    [236, 242, 244],
    [170, 214, 216],
    [86, 168, 176],
    [28, 110, 130],
    [52, 54, 106],
    [36, 14, 52],
  ],
  dark: [
    [27, 38, 46],
    [24, 74, 88],
    [33, 128, 136],
    [106, 184, 148],
    [222, 214, 118],
    [255, 247, 214],
  ],
};

/** 256 colours from none to most, as bytes of red, green and blue. */
export function carpetColours(dark: boolean): Uint8Array {
  const stops = dark ? SCALES.dark : SCALES.light;
  const colours = new Uint8Array(256 * 3);
  for (let at = 0; at < 256; at++) {
    const place = (at / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      const [from, to] = [stops[below][channel], stops[below + 1][channel]];
      colours[at * 3 + channel] = Math.round(from + (to - from) * (place - below));
    }
  }
  return colours;
}

/** The same as a gradient for the legend. */
export function carpetGradient(dark: boolean): string {
  const stops = dark ? SCALES.dark : SCALES.light;
  return `linear-gradient(90deg, ${stops.map((rgb) => `rgb(${rgb.join(' ')})`).join(', ')})`;
}
