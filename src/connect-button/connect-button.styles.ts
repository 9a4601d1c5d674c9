import { css } from 'lit';

export const styles = css`
  /* A column aligns the label with the baseline of the text around, and stretches the button to the host's height. */
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
    /* The message below is as wide as the button and needs some room. */
    min-width: 6em;
    min-height: 2.5em;
    margin: 0;
    padding: calc(var(--spacing) * 0.75) calc(var(--spacing) * 2);
    /* Visible in forced-colors mode only. */
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
   * A ring outside the button is visible with any button color, in both schemes. Not :not(:empty): WebKit doesn't notice
   * when an :empty element gets content.
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

  /* The slot has only white space. */
  [part='label'] ~ [part='label'] {
    display: none;
  }

  /* The label stays below the spinner, so that the button keeps its width and its accessible name. */
  [aria-busy='true'] > :not([part='spinner']) {
    opacity: 0;
  }

  /* Clipped to half a ring. A transparent side would not do: forced colors give all sides of a border one color. */
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
    animation: spin 0.8s linear infinite;
  }

  /* As wide as the button, without making it wider. */
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

  @keyframes spin {
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
