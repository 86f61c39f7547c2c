import { describe, expect, it } from 'vitest';
import { forRole, isGiven, withSwitch } from './overrides';

const speaker = { canPublishAudio: true, canRecord: false };
const moderator = { canPublishAudio: true, canRecord: true };

describe('a member', () => {
  it('may what the role may, unless it was given or taken', () => {
    expect(isGiven('canPublishAudio', speaker, {})).toBe(true);
    expect(isGiven('canPublishAudio', speaker, { canPublishAudio: false })).toBe(false);
    expect(isGiven('canRecord', speaker, { canRecord: true })).toBe(true);
    expect(isGiven('canEndMeeting', speaker, {})).toBe(false);
  });

  it('deviates only where the switch differs from the role', () => {
    const given = withSwitch('canRecord', true, speaker, {});
    expect(given).toEqual({ canRecord: true });
    expect(withSwitch('canRecord', false, speaker, given)).toEqual({});
    expect(withSwitch('canEndMeeting', false, speaker, {})).toEqual({});
  });

  it('in another role keeps what still differs', () => {
    expect(forRole(moderator, { canRecord: true, canPublishAudio: false })).toEqual({ canPublishAudio: false });
  });
});
