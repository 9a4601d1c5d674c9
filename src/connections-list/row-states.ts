import { connectionStates, type StateTraits } from '../connection-states.js';

/** The states of rows: those of connections, and those that only the list knows. */
export const rowStates = {
  ...connectionStates,
  /** Stored, but the host hasn't found it at Pica yet. */
  checking: { urgency: 0, remedy: null, icon: 'dots' },
  saving: { urgency: 0, remedy: null, icon: 'dots' },
  notSaved: { urgency: 3, remedy: 'retry', icon: 'alert' },
} as const satisfies Record<string, StateTraits>;

export type RowState = keyof typeof rowStates;
