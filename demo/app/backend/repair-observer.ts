import type { Repaired } from './database/repair.js';

/** `postponed`: Pica was not asked. `left_out`: too many repairs were waiting. */
export const repairOutcomes = ['repaired', 'failed', 'postponed', 'left_out'] as const;

/** How many connections were changed, by kind of change. */
type Changes = Record<keyof Repaired | 'deleted', number>;

const noChanges: Changes = {
  added: 0,
  updated: 0,
  missing: 0,
  displaced: 0,
  dropped: 0,
  finished: 0,
  cancelled: 0,
  deleted: 0,
};

export const repairChanges = Object.keys(noChanges);

/** Gets a call for each repair. */
export interface RepairObserver {
  ended(outcome: (typeof repairOutcomes)[number], changes?: Changes): void;
  /** Whether repairs are paused because Pica fails. */
  paused(isPaused: boolean): void;
}
