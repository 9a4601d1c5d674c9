import { css } from 'lit';

export const styles = css`
  :host {
    display: inline-block;
    vertical-align: middle;
    max-width: 100%;
  }

  [part='button'] {
    position: relative;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--spacing);
    box-sizing: border-box;
    width: 100%;
    min-height: 2.5em;
    margin: 0;
    padding: calc(var(--spacing) * 0.75) calc(var(--spacing) * 2);
    border: 1px solid transparent;
    border-radius: var(--radius);
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
    line-height: 1.25;
    text-align: center;
    transition: background-color 120ms;
  }

  [part='button']:hover {
    background: color-mix(in oklab, var(--accent) 88%, var(--text));
  }

  [part='button']:active {
    background: color-mix(in oklab, var(--accent) 78%, var(--text));
  }

  [part='button']:disabled {
    opacity: 0.55;
    cursor: not-allowed;
  }

  [part='button']:disabled:hover {
    background: var(--accent);
  }

  [part='icon']:not(.filled) {
    display: none;
  }

  [part='icon'] {
    display: inline-flex;
    flex: none;
  }

  ::slotted([slot='icon']) {
    width: 1.25em;
    height: 1.25em;
  }

  [part='label'] {
    min-width: 0;
    overflow-wrap: anywhere;
  }

  /* The label keeps its place below the spinner, so the button keeps its width and its name. */
  [aria-busy='true'] > :not([part='spinner']) {
    opacity: 0;
  }

  [part='spinner'] {
    position: absolute;
    inset: 0;
    margin: auto;
    width: 1.1em;
    height: 1.1em;
    box-sizing: border-box;
    border: 2px solid color-mix(in srgb, currentcolor 30%, transparent);
    border-top-color: currentcolor;
    border-radius: 50%;
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

  .quiet {
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
    [part='button'] {
      transition: none;
    }

    [part='spinner'] {
      animation-duration: 3s;
    }
  }

  @media (forced-colors: active) {
    [part='button'] {
      border-color: ButtonText;
    }

    [part='button']:disabled {
      border-color: GrayText;
      opacity: 1;
    }
  }
`;
