import { describe, expect, it } from 'vitest';
import { fateOf, questionsOf } from './deletion';

describe('what has to be decided before rooms are deleted', () => {
  it('is nothing the rooms give no cause for', () => {
    expect(questionsOf(['room_has_active_meeting'])).toEqual({ meeting: true, recordings: false });
    expect(questionsOf(['room_has_recordings'])).toEqual({ meeting: false, recordings: true });
    expect(questionsOf(['Room Error'])).toEqual({ meeting: false, recordings: false });
  });

  it('is both for a room with both, or for two rooms with one each', () => {
    const both = { meeting: true, recordings: true };
    expect(questionsOf(['room_with_recordings_has_active_meeting'])).toEqual(both);
    expect(questionsOf(['room_has_recordings', 'room_has_active_meeting'])).toEqual(both);
  });
});

describe('what became of a room', () => {
  it.each([
    ['room_deleted', 'deleted'],
    ['room_with_active_meeting_and_recordings_deleted', 'deleted'],
    ['room_closed', 'closed'],
    ['room_with_active_meeting_closed', 'closed'],
    ['room_with_active_meeting_scheduled_to_be_deleted', 'later'],
    ['room_with_active_meeting_scheduled_to_be_closed', 'later'],
  ])('%s is %s', (code, fate) => expect(fateOf(code)).toBe(fate));
});
