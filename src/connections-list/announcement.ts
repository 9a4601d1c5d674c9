import { html, type TemplateResult } from 'lit';

/** A live region: screen readers announce its text when that changes. */
export const renderAnnouncement = (text: string): TemplateResult =>
  html`<span class="sr-only" role="status">${text}</span>`;
