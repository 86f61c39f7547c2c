/** What the box asks before it deletes a room with a running meeting or with recordings (features R5). */
import type { DeletionPolicies } from '../../api/manageRooms';

/** Tries, and lets the box say what has to be decided. */
export const FIRST: DeletionPolicies = { withMeeting: 'fail', withRecordings: 'fail' };

export interface Questions {
  meeting: boolean;
  recordings: boolean;
}

const MEETING = ['room_has_active_meeting', 'room_with_recordings_has_active_meeting'];
const BOTH = [
  'room_with_active_meeting_has_recordings',
  'room_with_active_meeting_has_recordings_cannot_schedule_deletion',
];
const RECORDINGS = ['room_has_recordings', 'room_with_recordings_has_active_meeting', ...BOTH];

/** What must be decided, from the codes of the refusals. */
export function questionsOf(codes: readonly string[]): Questions {
  return {
    meeting: codes.some((code) => MEETING.includes(code) || BOTH.includes(code)),
    recordings: codes.some((code) => RECORDINGS.includes(code)),
  };
}

export type Fate = 'deleted' | 'closed' | 'later';

/** In which of three ways a room was dealt with, from the box's code for it. */
export function fateOf(code: string): Fate {
  if (code.includes('scheduled')) return 'later';
  return code.endsWith('closed') ? 'closed' : 'deleted';
}
