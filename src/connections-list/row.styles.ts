import { css } from 'lit';

export const rowStyles = css`
  /* An inner outline, because the box would clip an outer one at its corners. */
  li:focus-visible {
    outline-offset: -6px;
    box-shadow: none;
  }

  li + li {
    border-block-start: 1px solid var(--border);
  }

  /*
   * In a long list, off-screen rows are neither laid out nor painted, but can be searched and focused. Chromium 156 keeps
   * their content out of the accessibility tree until they are close, so each row of a long list has an aria-label. Their
   * estimated height is that of a row with short texts: a wrong one would move the scroll bar, and lay the list out
   * again in the next frames.
   */
  .long li {
    content-visibility: auto;
    contain-intrinsic-size: auto 2.5em;
  }

  li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--spacing) * 0.5) calc(var(--spacing) * 1.5);
    min-height: 2.5em;
    padding: calc(var(--spacing) * 1.5);
  }

  [part='logo'] {
    position: relative;
    display: block;
    align-content: center;
    flex: none;
    width: 2.25em;
    height: 2.25em;
    overflow: hidden;
    border-radius: var(--radius);
    background: color-mix(in oklab, var(--muted) 18%, var(--surface));
    font-weight: 600;
    text-align: center;
  }

  [part='logo'] img {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
    background: var(--surface);
  }

  .names {
    flex: 1 1 10em;
    min-width: 0;
    overflow-wrap: anywhere;
  }

  [part='name'] {
    font-weight: 600;
  }

  [part='account'],
  time {
    display: block;
    color: var(--muted);
    font-size: 0.875em;
  }

  /* Aligned like the name, even if written in the other direction. */
  [part='account'] {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }

  [part='environment'] {
    margin-inline-start: calc(var(--spacing) * 0.5);
    padding: 0 var(--spacing);
    border: 1px solid currentcolor;
    border-radius: 1em;
    color: var(--warning);
    font-size: 0.75em;
    font-weight: 600;
    vertical-align: 0.1em;
  }

  .status {
    flex: 0 1 auto;
    text-align: end;
  }

  [part='state'] {
    display: flex;
    align-items: center;
    justify-content: end;
    color: var(--muted);
    gap: calc(var(--spacing) * 0.5);
    font-size: 0.875em;
    font-weight: 600;
  }

  /* A row has the class of its state's icon: see row-states.ts. Color alone never tells states apart. */
  .check [part='state'] {
    color: var(--success);
  }

  .caution [part='state'] {
    color: var(--warning);
  }

  .cross [part='state'],
  .alert [part='state'] {
    color: var(--danger);
  }

  /*
   * Screen readers don't read the icon. Its ring has room for the glyphs of any font: some are as wide as they are
   * high. A block, because a grid for each row would take longer to lay out.
   */
  [part='state']::before {
    content: '?' / '';
    display: inline-block;
    flex: none;
    align-content: center;
    text-align: center;
    width: 1.4em;
    height: 1.4em;
    border: 1.5px solid currentcolor;
    border-radius: 50%;
    box-sizing: border-box;
    font-size: 0.8em;
    line-height: 1;
  }

  .check [part='state']::before,
  .cross [part='state']::before {
    content: '✓' / '';
    width: 1.7em;
    height: 1.7em;
    font-size: 0.66em;
  }

  .cross [part='state']::before {
    content: '✕' / '';
  }

  .dots [part='state']::before {
    content: '…' / '';
    /* Lifts the dots to the middle. Only a grid centers a line that is higher than the rest of the ring. */
    display: inline-grid;
    place-content: center;
    padding-block-end: 0.5em;
  }

  .alert [part='state']::before,
  .caution [part='state']::before {
    content: '!' / '';
  }

  .caution [part='state']::before {
    border-radius: 0.25em;
  }

  [part='actions'] {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: end;
    gap: var(--spacing);
    /* Keeps the row's height when text replaces the buttons. */
    min-height: 2em;
    margin-inline-start: auto;
    color: var(--muted);
    text-align: end;
  }

  /* On a line of its own above the buttons, so that nothing next to them moves. */
  [part='actions'] > .error {
    flex-basis: 100%;
  }

  /* Not on the container: its gaps and padding are in em, and must match the rest of the row. */
  [part='actions'] > * {
    font-size: 0.875em;
  }

  [data-action='confirm'] {
    border-color: var(--danger);
    color: var(--danger);
  }

  /* No opacity on text, which would be too faint to read. */
  [aria-busy='true'] *,
  li[aria-busy='true'] [part='state'] {
    color: var(--muted);
  }

  [aria-busy='true'] [part='logo'] {
    opacity: 0.6;
  }

  /* In a narrow list, state and actions wrap below the name and align with it. */
  @container (max-width: 34em) {
    .status,
    li:not([part~='offer']) [part='actions'] {
      flex-basis: 100%;
      justify-content: start;
      padding-inline-start: calc(2.25em + var(--spacing) * 1.5);
      text-align: start;
    }

    .long li:not([part~='offer']) {
      contain-intrinsic-size: auto 6.75em;
    }

    [part='logo'] {
      align-self: start;
    }

    [part='state'] {
      justify-content: start;
    }

    [part='actions'] > span {
      flex-basis: 100%;
    }

    [part~='offer'] .names {
      flex-basis: 6em;
    }
  }

  /* A fixed width aligns the states of all rows, whatever buttons or questions follow. */
  @container (min-width: 50em) {
    li:not([part~='offer']) [part='actions'] {
      width: 17em;
    }
  }
`;
