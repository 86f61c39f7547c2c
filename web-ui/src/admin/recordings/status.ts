/** What can be done with a recording, by how it stands. */
import type { Recording } from '../../api/model';

export function isPlayable({ status }: Recording): boolean {
  return status === 'complete' || status === 'limit_reached';
}

/** Nothing writes to it any more, so it can be deleted. */
export function isOver({ status }: Recording): boolean {
  return status !== 'starting' && status !== 'active' && status !== 'ending';
}
