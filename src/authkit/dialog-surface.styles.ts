/** Plain text and not Lit's `css`, because this folder works without Lit. */
export const dialogStyles = `
  /* Only important declarations of a shadow tree win over the page's own for its host and slotted elements. */
  :host {
    all: initial !important;
    display: contents !important;
  }
  dialog {
    box-sizing: border-box;
    position: fixed;
    inset: 0;
    width: 100%;
    height: 100%;
    max-width: none;
    max-height: none;
    margin: 0;
    padding: 0;
    border: 0;
    overflow: hidden;
    background: none;
    color: CanvasText;
    font: 1rem/1.5 system-ui, sans-serif;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 0.45);
  }
  /*
   * If a frame's color scheme differs from that of the page in it, the frame gets an opaque background and hides what
   * is behind it (seen in Chromium 156 on a dark page). AuthKit's page declares no scheme, so it is light.
   */
  ::slotted(iframe) {
    all: initial !important;
    color-scheme: light !important;
    display: block !important;
    visibility: hidden !important;
    position: fixed !important;
    inset: 0 !important;
    width: 100% !important;
    height: 100% !important;
    border: 0 !important;
  }
  /* A page with a corrected name is the second frame. It takes the first one's place once it has loaded. */
  .visible ::slotted(iframe:first-of-type) {
    visibility: visible !important;
  }
  .waiting {
    display: grid;
    place-content: center;
    position: absolute;
    inset: 0;
  }
  .card {
    display: grid;
    justify-items: center;
    gap: 1rem;
    min-width: 12rem;
    padding: 1.5rem;
    border: 1px solid color-mix(in srgb, currentcolor 20%, transparent);
    border-radius: 0.75rem;
    background: Canvas;
    box-shadow: 0 0.5rem 2rem rgb(0 0 0 / 0.3);
  }
  .spinner {
    width: 1.5rem;
    height: 1.5rem;
    box-sizing: border-box;
    border: 2px solid;
    border-radius: 50%;
    clip-path: inset(0 0 50%);
    animation: spin 0.8s linear infinite;
  }
  @keyframes spin {
    to {
      rotate: 1turn;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .spinner {
      animation-duration: 3s;
    }
  }
  button {
    min-height: 2.25rem;
    padding: 0.25rem 1rem;
    border: 1px solid color-mix(in srgb, currentcolor 35%, transparent);
    border-radius: 0.5rem;
    background: Canvas;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  button:hover {
    background: color-mix(in srgb, CanvasText 8%, Canvas);
  }
  button:focus-visible {
    outline: 2px solid CanvasText;
    outline-offset: 2px;
    box-shadow: 0 0 0 6px Canvas;
  }
  .visible .waiting,
  :not(.visible) > .close {
    display: none;
  }
  .close {
    display: grid;
    place-content: center;
    position: fixed;
    z-index: 1;
    bottom: 0.5rem;
    inset-inline-start: 0.5rem;
    min-width: 2rem;
    min-height: 2rem;
    padding: 0;
    border-radius: 50%;
    opacity: 0.75;
  }
  .close:hover,
  .close:focus-visible {
    opacity: 1;
  }
  /* AuthKit's card is as wide as a narrow window: the frame leaves a strip for the Close button. */
  @media (max-width: 30rem) {
    .visible ::slotted(iframe) {
      height: calc(100% - 3rem) !important;
    }
    .visible::after {
      content: '';
      position: fixed;
      inset: auto 0 0;
      height: 3rem;
      background: rgb(0 0 0 / 0.6);
    }
  }
`;
