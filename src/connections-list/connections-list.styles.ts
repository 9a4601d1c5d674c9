import { css } from 'lit';
import { theme } from '../connect/theme.styles.js';
import { rowStyles } from './row.styles.js';
import { skeletonStyles } from './skeleton.styles.js';

const listStyles = css`
  :host {
    display: block;
    color: var(--text);
  }

  /* On the slot, because the page's margins override those of ::slotted(). */
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

  h3 {
    margin: calc(var(--spacing) * 4) 0 0;
    font-size: 1.125em;
  }

  h4 {
    margin: calc(var(--spacing) * 2) 0 var(--spacing);
    color: var(--muted);
    font-size: 0.875em;
  }

  ul {
    margin: 0;
    padding: 0;
    /* Not on the host, where a page's "* { all: unset }" would remove it. */
    container-type: inline-size;
    /* Not none: WebKit would not expose the element as a list. */
    list-style-type: '';
  }

  [part='message'] {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--spacing) calc(var(--spacing) * 2);
    padding: calc(var(--spacing) * 1.5);
    color: var(--muted);
  }

  [part='message'] > button {
    font-size: 0.875em;
  }

  /* On a right-to-left page, English text keeps its full stop at the end and is aligned like the rest. */
  [part='message'] > span,
  [part='actions'] > span {
    text-wrap: balance;
    unicode-bidi: plaintext;
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }

  .error {
    color: var(--danger);
  }

  [part='message']:has(+ *) {
    margin-block-end: calc(var(--spacing) * 2);
  }

  [part='search'] {
    display: flex;
    flex-wrap: wrap;
    gap: var(--spacing);
    margin-block-end: calc(var(--spacing) * 2);
  }

  input,
  select {
    box-sizing: border-box;
    min-width: 0;
    max-width: 100%;
    min-height: 2.25em;
    padding: calc(var(--spacing) * 0.5) calc(var(--spacing) * 1.5);
    border: 1px solid var(--muted);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--text);
    font: inherit;
  }

  input::placeholder {
    color: var(--muted);
    opacity: 1;
  }

  input {
    flex: 1000 1 12em;
  }

  /* Next to the field, as wide as its content. Wrapped below the field, as wide as that. */
  .select {
    position: relative;
    display: grid;
    flex: 1 1 auto;
    max-width: 100%;
  }

  /* Browsers put their own arrow at the very edge, or over long names. */
  select {
    appearance: none;
    padding-inline-end: 2.25em;
    text-overflow: ellipsis;
  }

  .select::after {
    content: '';
    position: absolute;
    inset-block-start: calc(50% - 0.35em);
    inset-inline-end: 1em;
    width: 0.4em;
    height: 0.4em;
    border: solid var(--muted);
    border-width: 0 2px 2px 0;
    rotate: 45deg;
    pointer-events: none;
  }

  button {
    min-height: 2.25em;
    padding: calc(var(--spacing) * 0.5) calc(var(--spacing) * 2);
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--text);
  }

  button:hover {
    background: color-mix(in oklab, var(--text) 8%, var(--surface));
  }

  .sr-only {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

export const styles = [theme, listStyles, rowStyles, skeletonStyles];
