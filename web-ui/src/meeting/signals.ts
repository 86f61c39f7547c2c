/** Topics of the box's data packets that the meeting listens to. */

/** Somebody has another role; everybody hears of it. */
export const ROLE_UPDATED = 'meet_participant_role_updated';
/** Somebody's rights are others; only they hear of it. */
export const PERMISSIONS_UPDATED = 'meet_participant_permissions_updated';
export const RECORDING_UPDATED = 'meet_recording_updated';
