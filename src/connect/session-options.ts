import type { LitElement } from 'lit';
import type { AuthKitOptions, SessionOptions } from '../authkit/options.js';
import { loadDiagnosis, loadWindowSurface } from '../lazy.js';
import { localeOf } from '../localization/locale-controller.js';
import { resolveAppTheme } from './app-theme.js';
import { authkitNames } from './authkit-options.js';
import type { ConnectOptions } from './options.js';
import { authkitAddress } from './token-check.js';

/** The options of a session that an element opens. */
export function sessionOptions(
  host: LitElement & ConnectOptions,
  { token, selectedConnection }: Pick<SessionOptions, 'token' | 'selectedConnection'>,
): SessionOptions {
  const appTheme = resolveAppTheme(host);
  const name = selectedConnection();
  const locale = localeOf(host);
  const passedOn = Object.entries(authkitNames).map(([property, authkitName]) => [
    authkitName,
    host[property as keyof typeof authkitNames] ?? undefined,
  ]);
  return {
    token,
    selectedConnection,
    authkit: { ...(Object.fromEntries(passedOn) as AuthKitOptions), appTheme },
    baseUrl: authkitAddress(host),
    timeout: host.timeout > 0 ? host.timeout : 15,
    opener: host,
    colorScheme: appTheme,
    label: name ? locale.text('connectTo', { name }) : locale.text('authkitTitle'),
    openingText: locale.text('opening'),
    cancelText: locale.text('cancel'),
    closeText: locale.text('close'),
    continueInWindowText: locale.text('elsewhere'),
    showWindowText: locale.text('showWindow'),
    lang: locale.language,
    dir: () => locale.dir,
    loadWindowSurface,
    loadDiagnosis,
  };
}
