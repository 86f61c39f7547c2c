/** A room by its link: join page, meeting, and the page after it. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { useRoomVisit, type RoomVisit } from '../api/visit';
import { readMembership } from '../lib/can';
import { recall } from '../lib/storage';
import { Loading } from '../ui/Spinner';
import { LeftPage } from './LeftPage';
import { MeetingView } from './MeetingView';
import { Prejoin } from './Prejoin';
import { problemOf } from './problem';
import { ProblemPage } from '../app/ProblemPage';
import { useJoin } from './useJoin';

export function RoomPage() {
  const { t } = useTranslation();
  const { roomId = '' } = useParams();
  const [search] = useSearchParams();
  const secret = search.get('secret') ?? undefined;
  const visit = useRoomVisit(roomId, secret);
  // A visit that was good once stays: the meeting must not vanish because a refresh failed.
  if (visit.data) {
    const again = () => void visit.refetch();
    return <Visit key={`${roomId} ${secret ?? ''}`} visit={visit.data} secret={secret} onAgain={again} />;
  }
  if (visit.error) return <ProblemPage problem={problemOf(visit.error)} onRetry={() => void visit.refetch()} />;
  return <Loading label={t('join.checking')} />;
}

interface VisitProps {
  visit: RoomVisit;
  secret: string | undefined;
  /** Asks how the room is now. */
  onAgain: () => void;
}

function Visit({ visit, secret, onAgain }: VisitProps) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const membership = readMembership(visit.token);
  const { state, join, leave, rejoin } = useJoin(visit.room.roomId, secret);
  const skip = search.has('skip-prejoin') && search.get('skip-prejoin') !== 'false';
  const { name: own, isFixed } = visit.known ?? {};
  const wished = isFixed ? undefined : search.get('participant-name');
  const name = wished ?? own ?? recall('name') ?? 'Guest';
  const skipped = useRef(false);

  useEffect(() => {
    if (!skip || skipped.current || visit.room.status === 'closed') return;
    skipped.current = true;
    const { initialAudioActive: audio = true, initialVideoActive: video = true } = visit.room.config ?? {};
    join({
      name,
      audio: audio && membership.can('canPublishAudio'),
      video: video && membership.can('canPublishVideo'),
    });
  }, [skip, name, join, membership, visit.room]);

  if (visit.room.status === 'closed' && state.stage === 'lobby') {
    return <ProblemPage problem={{ kind: 'closed', message: '' }} onRetry={onAgain} />;
  }
  if (!membership.can('canJoinMeeting')) return <ProblemPage problem={{ kind: 'forbidden', message: '' }} />;
  switch (state.stage) {
    case 'meeting':
      return (
        <MeetingView
          room={state.room}
          chat={state.chat}
          visit={visit}
          secret={secret}
          joinToken={state.token}
          mediaProblem={state.mediaProblem}
          onLeave={leave}
        />
      );
    case 'left':
      return <LeftPage state={state} onRejoin={rejoin} />;
    case 'joining':
      if (skip || state.again) return <Loading label={t('join.joining')} />;
      return <Prejoin visit={visit} secret={secret} joining problem={undefined} onJoin={join} />;
    case 'lobby':
      return <Prejoin visit={visit} secret={secret} joining={false} problem={state.problem} onJoin={join} />;
  }
}
