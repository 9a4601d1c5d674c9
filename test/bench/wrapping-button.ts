import { useAuthKit } from '@picahq/authkit';

/** An element that only wraps AuthKit. */
class WrappingButton extends HTMLElement {
  constructor() {
    super();
    this.addEventListener('click', this.#onClick);
  }

  #onClick = () => {
    const { baseUrl = '', tokenUrl = '' } = this.dataset;
    useAuthKit({ baseUrl, token: { url: tokenUrl } }).open();
  };
}

customElements.define('wrapping-button', WrappingButton);
