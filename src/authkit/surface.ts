import type { Locale } from '../localization/locale.js';

/** What AuthKit's frame is put into. Each class that implements this is one way to open AuthKit. */
export interface Surface {
  /** The element that gets AuthKit's frame. */
  readonly frameParent: HTMLElement;
  /** The window that this element is in. */
  readonly view: Window & typeof globalThis;
  /** False once the page has removed or moved something that the user needs. */
  readonly isIntact: boolean;
  /** AuthKit's page has loaded, and its frame is being shown. */
  reveal: () => void;
  /** Removes everything and gives focus back. */
  close: () => void;
}

export interface SurfaceOptions {
  /** The accessible name of the dialog, of AuthKit's frame and of its window. */
  label: string;
  /** For the strings of the surface, and their direction. */
  locale: Locale;
  /** For what the surface shows itself, not for AuthKit's page. */
  colorScheme: 'light' | 'dark';
  /** Gets the focus at the end if the element that had it before is gone. */
  opener: HTMLElement;
  /** The user clicked Cancel or Close, or closed the window. */
  onCancel: () => void;
  /** The user pressed Escape. */
  onEscape: () => void;
}
