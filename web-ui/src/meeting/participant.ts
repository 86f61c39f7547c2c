/** What the interface wants to know of a LiveKit participant. */
import { ParticipantKind, type Participant } from 'livekit-client';
import { badgeOf, parseObject, type Badge } from '../lib/can';

export type Kind = 'standard' | 'room' | 'recorder';

/** The room and the recorder are named by the box: in an attribute, in metadata, or by LiveKit's kind. */
export function kindOf(participant: Participant): Kind {
  const named = participant.attributes['huddlebox.kind'] ?? parseObject(participant.metadata)['kind'];
  if (named === 'room' || named === 'recorder') return named;
  return participant.kind === ParticipantKind.EGRESS ? 'recorder' : 'standard';
}

export function nameOf(participant: Participant): string {
  return participant.name || participant.identity;
}

export function badgeOfParticipant(participant: Participant): Badge {
  return badgeOf(participant.metadata);
}
