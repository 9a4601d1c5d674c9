import type { LitElement } from 'lit';
import { resolveAppTheme } from './app-theme.js';
import type { SessionOptions } from '../authkit/session.js';
import type { ConnectOptions } from './connect-options.js';
import { localeOf } from '../localization/locale-controller.js';
import { authkitAddress, type CheckedOptions } from './token-check.js';

/** What AuthKit, and the dialog around it, are told for an element. */
export function sessionOptions(
  host: LitElement & ConnectOptions,
  { token, selectedConnection }: CheckedOptions,
): SessionOptions {
  const appTheme = resolveAppTheme(host);
  const name = selectedConnection();
  const locale = localeOf(host);
  return {
    token,
    selectedConnection,
    appTheme,
    baseUrl: authkitAddress(host),
    title: host.modalTitle ?? undefined,
    imageUrl: host.imageUrl ?? undefined,
    companyName: host.companyName ?? undefined,
    showNameInput: host.showNameInput,
    timeout: host.timeout > 0 ? host.timeout : 15,
    opener: host,
    colorScheme: appTheme,
    label: name ? locale.text('connectTo', { name }) : locale.text('authkitTitle'),
    openingText: locale.text('opening'),
    cancelText: locale.text('cancel'),
    closeText: locale.text('close'),
    elsewhereText: locale.text('elsewhere'),
    showText: locale.text('showWindow'),
    lang: locale.language,
    dir: () => locale.dir,
  };
}
