/** When an event comes: what is waited for follows the time that passes, what headers tell the time of day, which may be set. */
export interface Moment {
  /** whole ms since a moment of the process's own, which only grow; never on disk nor on the wire */
  elapsed: number;
  /** Unix ms */
  unix: number;
}
