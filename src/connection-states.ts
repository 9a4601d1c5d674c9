/** How the list shows a state. No trait is optional, so a new state without one doesn't compile. */
export interface StateTraits {
  /** Rows with a higher number come first. Above 0, the row needs the user's attention. */
  urgency: number;
  /** The button that helps. */
  remedy: 'reconnect' | 'retry' | null;
  /** A class of row.styles.ts, which gives the icon its color too. */
  icon: 'check' | 'caution' | 'alert' | 'cross' | 'dots' | 'question';
}

/**
 * Every state of a connection. This is the only list of them: the type, the check of incoming rows, and the order,
 * look and buttons of the list follow from it. The string of the same name in `src/locales` is its text.
 */
export const connectionStates = {
  /** Healthy. */
  operational: { urgency: 0, remedy: null, icon: 'check' },
  /** Refreshing its credentials failed, and Pica tries again. */
  degraded: { urgency: 1, remedy: 'reconnect', icon: 'caution' },
  /** Inactive until the user connects again. */
  failed: { urgency: 2, remedy: 'reconnect', icon: 'cross' },
  /** Pica doesn't say, or says something that this version doesn't know. */
  unknown: { urgency: 0, remedy: null, icon: 'question' },
} as const satisfies Record<string, StateTraits>;
