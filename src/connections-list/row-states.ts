import { connectionStates, type StateTraits } from '../connection-states.js';

/** The states of rows: those of connections, and those that only the list knows. */
export const rowStates = {
  ...connectionStates,
  /** Stored, but the host hasn't found it at Pica yet. */
  checking: [0, null, 'dots'],
  saving: [0, null, 'dots'],
  notSaved: [3, 'retry', 'alert'],
} as const satisfies Record<string, StateTraits>;

export type RowState = keyof typeof rowStates;
