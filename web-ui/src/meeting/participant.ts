/** What the interface wants to know of a LiveKit participant. */
import { ParticipantKind, type Participant } from 'livekit-client';
import { badgeOf, type Badge } from '../lib/can';

export type Kind = 'standard' | 'room' | 'recorder';

/** The box gives the room the identity `room`, which no person can have, and the recorder LiveKit's kind for it. */
export function kindOf({ identity, kind }: Participant): Kind {
  if (identity === 'room') return 'room';
  return kind === ParticipantKind.EGRESS ? 'recorder' : 'standard';
}

export function nameOf(participant: Participant): string {
  return participant.name || participant.identity;
}

export function badgeOfParticipant(participant: Participant): Badge {
  return badgeOf(participant.metadata);
}
