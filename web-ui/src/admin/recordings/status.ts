/** What can be done with a recording, by how it stands. */
import type { Recording } from '../../api/model';
import { isUnfinished } from '../../api/recordings';

export function isPlayable({ status }: Recording): boolean {
  return status === 'complete' || status === 'limit_reached';
}

/** Nothing writes to it any more. */
export function isOver(recording: Recording): boolean {
  return !isUnfinished(recording);
}

/** And whoever looks at it may do so. */
export function isDeletable(recording: Recording): boolean {
  return isOver(recording) && recording.canDelete !== false;
}
