import { css } from 'lit';

export const styles = css`
  /* A column, so that its line is that of the label, and the button as high as its place. */
  :host {
    display: inline-flex;
    flex-direction: column;
    max-width: 100%;
  }

  [part='button'] {
    position: relative;
    display: flex;
    flex: auto;
    align-items: center;
    justify-content: center;
    gap: var(--spacing);
    box-sizing: border-box;
    width: 100%;
    /* What is said below it has no more room than it has. */
    min-width: 6em;
    min-height: 2.5em;
    margin: 0;
    padding: calc(var(--spacing) * 0.75) calc(var(--spacing) * 2);
    /* Where colors are forced, it is seen. */
    border: 1px solid transparent;
    border-radius: var(--radius);
    --fill: var(--accent);
    background: var(--fill);
    color: var(--on-accent);
    font-weight: 600;
    line-height: 1.25;
    text-align: center;
  }

  .quiet {
    --fill: var(--surface);
    border-color: currentcolor;
    color: var(--accent);
  }

  [part='button']:hover {
    background: color-mix(in oklab, var(--text) 5%, var(--fill));
  }

  [part='button']:active {
    background: color-mix(in oklab, var(--text) 10%, var(--fill));
  }

  [part='button']:disabled {
    background: color-mix(in oklab, var(--muted) 18%, var(--surface));
    color: var(--muted);
    cursor: not-allowed;
  }

  /*
   * Around it, so that it shows on every color that the button may have, and in both schemes. WebKit does
   * not notice that what it was :empty of has come.
   */
  [part='button']:has(~ #message > *) {
    box-shadow:
      0 0 0 2px var(--surface),
      0 0 0 4px var(--danger),
      0 0 0 6px var(--surface);
  }

  [part='icon']:not([hidden]) {
    display: flex;
    flex: none;
  }

  ::slotted([slot='icon']) {
    width: 1.25em;
    height: 1.25em;
  }

  [part='label'] {
    display: block;
    min-width: 0;
    overflow-wrap: break-word;
  }

  /* What is in the slot is blank. */
  [part='label'] + [part='label'] {
    display: none;
  }

  /* The label keeps its place below the spinner, so the button keeps its width and its name. */
  [aria-busy='true'] > :not([part='spinner']) {
    opacity: 0;
  }

  /* A part of a ring, which it is in forced colors too: those give all sides of a border one color. */
  [part='spinner'] {
    position: absolute;
    inset: 0;
    margin: auto;
    width: 1.25em;
    height: 1.25em;
    box-sizing: border-box;
    border: 2px solid;
    border-radius: 50%;
    clip-path: inset(0 0 50%);
    animation: turn 0.8s linear infinite;
  }

  /* It takes the button's width, and never widens it. */
  [part='message'] {
    width: 0;
    min-width: 100%;
    margin-block-start: calc(var(--spacing) * 0.75);
    color: var(--danger);
    font-size: 0.875em;
  }

  [part='message']:empty {
    display: none;
  }

  .link {
    min-height: 24px;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    text-decoration: underline;
  }

  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    [part='spinner'] {
      animation-duration: 3s;
    }
  }
`;
