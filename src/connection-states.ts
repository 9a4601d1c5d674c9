/**
 * How the list shows a state. A new state without one of them doesn't compile.
 *
 * - Urgency: rows with a higher number come first. Above 0, the row needs the user's attention.
 * - Remedy: the button that helps.
 * - Icon: a class of row.styles.ts, which gives the icon its color too.
 */
export type StateTraits = readonly [
  urgency: number,
  remedy: 'reconnect' | 'retry' | null,
  icon: 'check' | 'caution' | 'alert' | 'cross' | 'dots' | 'question',
];

/**
 * Every state of a connection. This is the only list of them: the type, the check of incoming rows, and the order,
 * look and buttons of the list follow from it. The string of the same name in `src/locales` is its text.
 */
export const connectionStates = {
  /** Healthy. */
  operational: [0, null, 'check'],
  /** Refreshing its credentials failed, and Pica tries again. */
  degraded: [1, 'reconnect', 'caution'],
  /** Inactive until the user connects again. */
  failed: [2, 'reconnect', 'cross'],
  /** Pica doesn't say, or says something that this version doesn't know. */
  unknown: [0, null, 'question'],
} as const satisfies Record<string, StateTraits>;
