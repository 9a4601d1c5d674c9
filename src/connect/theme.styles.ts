import { css } from 'lit';

/**
 * Private custom properties of both elements, with the defaults. A page sets the public ones on any ancestor, with one
 * value for both color schemes or with `light-dark()`.
 */
export const theme = css`
  :host {
    --accent: var(--pica-accent, light-dark(#3b5bdb, #91a7ff));
    --on-accent: var(--pica-on-accent, light-dark(#fff, #10152b));
    --surface: var(--pica-surface, light-dark(#fff, #1b1d24));
    --text: var(--pica-text, light-dark(#1c1f26, #eceef3));
    --muted: var(--pica-muted, light-dark(#5c6270, #a6adbb));
    --border: var(--pica-border, light-dark(#d6dae2, #3a3f4b));
    --danger: var(--pica-danger, light-dark(#b3261e, #ff9c94));
    --warning: var(--pica-warning, light-dark(#8a5300, #f0b75c));
    --success: var(--pica-success, light-dark(#1b6e3c, #77d49a));
    --radius: var(--pica-radius, 0.5em);
    --spacing: var(--pica-spacing, 0.5em);
  }

  :host([hidden]) {
    display: none;
  }

  button {
    font: inherit;
    letter-spacing: inherit;
    cursor: pointer;
  }

  /* The ring in the surface's color keeps the outline visible on a background of the accent color. */
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
    box-shadow: 0 0 0 6px var(--surface);
  }
`;
