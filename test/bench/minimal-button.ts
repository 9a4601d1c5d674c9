import { css, html, LitElement } from 'lit';

/**
 * The baseline for our button: a minimal Lit element with six properties, a button with a slot in its shadow tree, and
 * a few lines of style.
 */
class MinimalButton extends LitElement {
  static override properties = {
    tokenUrl: { attribute: 'token-url' },
    selectedConnection: { attribute: 'selected-connection' },
    appTheme: { attribute: 'app-theme' },
    modalTitle: { attribute: 'modal-title' },
    disabled: { type: Boolean },
    busy: { type: Boolean },
  };

  static override styles = css`
    :host {
      display: inline-block;
    }
    button {
      font: inherit;
      padding: 0.5em 1em;
      border: 0;
      border-radius: 0.5em;
      color: white;
      background: rebeccapurple;
    }
    button:disabled {
      opacity: 0.5;
    }
  `;

  tokenUrl = '';
  selectedConnection = '';
  appTheme = 'auto';
  modalTitle = '';
  disabled = false;
  busy = false;

  protected override render() {
    return html`<button type="button" ?disabled=${this.disabled} aria-busy=${this.busy}>
      <slot>Connect ${this.selectedConnection}</slot>
    </button>`;
  }
}

customElements.define('minimal-button', MinimalButton);
