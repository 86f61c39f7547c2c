/** What may be done by this participant, less what the box refuses since their link was replaced. Never renews a token. */
import { ConnectionState, type Room } from 'livekit-client';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isStatus } from '../api/errors';
import { goesByToken } from '../lib/can';
import { showToast } from '../ui/toastStore';
import type { Member } from './useMemberToken';

export interface Rights extends Member {
  /** True when the error is that the token is no longer taken: then that is told, and needs no other words. */
  refused: (error: unknown) => boolean;
}

export function useRights(room: Room, member: Member): Rights {
  const { t } = useTranslation();
  const [dead, setDead] = useState<string>();
  const { token, memberId, userId } = member;
  // Whom the box knows otherwise gets a new token by itself.
  const isKnown = (memberId ?? userId) !== undefined;
  const refused = useCallback(
    (error: unknown) => {
      if (!isStatus(error, 401)) return false;
      // With the meeting over nobody has rights in it, and nobody needs to hear of it.
      if (room.state === ConnectionState.Disconnected) return true;
      if (!isKnown) setDead(token);
      showToast(t(isKnown ? 'meeting.rightsChanged' : 'meeting.linkReplaced'), 'bad', { topic: 'rights' });
      return true;
    },
    [room, isKnown, token, t],
  );
  return useMemo(
    () => ({
      ...member,
      can: (permission) => member.can(permission) && !(dead === token && goesByToken(permission)),
      refused,
    }),
    [member, dead, token, refused],
  );
}
