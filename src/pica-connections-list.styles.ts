import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
    color: var(--text);
    container-type: inline-size;
  }

  /* On the slot, as the page's own margins win over ::slotted() ones. */
  slot[name='heading'] {
    display: block;
    margin-block-end: calc(var(--spacing) * 1.5);
  }

  h2 {
    margin: 0;
    font-size: 1.25em;
    line-height: 1.25;
  }

  .box {
    overflow: hidden;
    border: 1px solid var(--border);
    border-radius: calc(var(--radius) * 1.5);
    background: var(--surface);
  }

  ul {
    margin: 0;
    padding: 0;
    /* Empty rather than none, at which WebKit takes it for no list. */
    list-style-type: '';
  }

  li + li {
    border-block-start: 1px solid var(--border);
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
    display: grid;
    place-items: center;
    flex: none;
    width: 2.25em;
    height: 2.25em;
    overflow: hidden;
    border-radius: var(--radius);
    background: color-mix(in oklab, var(--muted) 18%, var(--surface));
    font-weight: 600;
  }

  [part='logo'] img {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
    background: var(--surface);
  }

  .what {
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

  [part='environment'] {
    margin-inline-start: 0.35em;
    padding: 0.05em 0.5em;
    border: 1px solid currentcolor;
    border-radius: 1em;
    color: var(--warning);
    font-size: 0.75em;
    font-weight: 600;
    vertical-align: 0.1em;
  }

  .how {
    flex: 0 1 auto;
    text-align: end;
  }

  [part='state'] {
    display: inline-flex;
    align-items: center;
    gap: 0.35em;
    font-size: 0.875em;
    font-weight: 600;
  }

  .operational [part='state'] {
    color: var(--success);
  }

  .degraded [part='state'] {
    color: var(--warning);
  }

  .failed [part='state'] {
    color: var(--danger);
  }

  .unknown [part='state'] {
    color: var(--muted);
  }

  svg {
    flex: none;
    width: 1em;
    height: 1em;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.5;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  [part='message'] {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--spacing) calc(var(--spacing) * 2);
    padding: calc(var(--spacing) * 2);
    color: var(--muted);
  }

  .trouble {
    color: var(--danger);
  }

  [part='message'] + ul {
    border-block-start: 1px solid var(--border);
  }

  button {
    min-height: 2.25em;
    padding: 0.25em 1em;
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--text);
  }

  button:hover {
    background: color-mix(in oklab, var(--text) 8%, var(--surface));
  }

  .skeleton li > * {
    border-radius: var(--radius);
    background: color-mix(in oklab, var(--muted) 16%, var(--surface));
    animation: breathe 1.6s ease-in-out infinite alternate;
  }

  .skeleton .what {
    height: 2.25em;
  }

  .spoken {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @keyframes breathe {
    to {
      opacity: 0.5;
    }
  }

  /* Where there is no room beside it, the state goes below the name, under it. */
  @container (max-width: 26em) {
    .how {
      flex-basis: 100%;
      padding-inline-start: calc(2.25em + var(--spacing) * 1.5);
      text-align: start;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .skeleton li > * {
      animation: none;
    }
  }
`;
