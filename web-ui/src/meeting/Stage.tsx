/** The pictures of the meeting: as a grid, or one large with the others beside it. */
import { useSpeakingParticipants } from '@livekit/components-react';
import type { Room } from 'livekit-client';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pickFocus } from '../lib/focus';
import { IconButton } from '../ui/Button';
import { classes } from '../ui/classes';
import { kindOf } from './participant';
import { placeTiles, type Placed } from './placeTiles';
import styles from './Stage.module.css';
import { Tile } from './Tile';
import { useElementSize } from './useElementSize';
import type { Outage } from './useOutage';
import { useTiles, type TileInfo } from './useTiles';

export type Layout = 'grid' | 'speaker';

export interface StageProps {
  room: Room;
  layout: Layout;
  outage: Outage;
  pinned: string | undefined;
  onPin: (id: string | undefined) => void;
}

export function Stage({ room, layout, outage, pinned, onPin }: StageProps) {
  const { t } = useTranslation();
  const area = useRef<HTMLDivElement>(null);
  const size = useElementSize(area);
  const tiles = useTiles(room, outage);
  const speaker = useLastSpeaker(room);
  const [wantedPage, setPage] = useState(0);
  const focus = pickFocus(tiles, { pinned, speaker, speakerLayout: layout === 'speaker' });
  const { placed, page, pages } = placeTiles({ tiles, focus, speaker, page: wantedPage }, size);
  const pin = ({ tile, floats }: Placed) =>
    tiles.length > 1 && !floats ? () => onPin(tile.id === pinned ? undefined : tile.id) : undefined;
  return (
    <section className={styles.stage} aria-label={t('meeting.participantsRegion')}>
      {/* During an outage nobody knows who is there. */}
      {outage === 'none' && <Alone tiles={tiles} />}
      <div ref={area} className={styles.area}>
        {/* One flat list: a picture that moves keeps its element, so it never goes dark. */}
        <ul>
          {size.width > 0 &&
            [...placed].sort(byId).map((one) => (
              <li
                key={one.tile.id}
                className={classes(styles.place, one.floats && styles.float)}
                style={{ ...one.rect }}
              >
                <Tile
                  tile={one.tile}
                  away={!one.tile.isLocal && (outage === 'lost' || one.tile.held === true)}
                  outage={outage}
                  pinned={one.tile.id === pinned}
                  onPin={pin(one)}
                  avatarSize={Math.max(32, Math.min(112, Math.round(one.rect.height * 0.34)))}
                />
              </li>
            ))}
        </ul>
        <Pager page={page} pages={pages} onPage={setPage} />
      </div>
    </section>
  );
}

/** The order in the document never changes while people stay: moving an element would stop its picture. */
function byId(a: Placed, b: Placed): number {
  return a.tile.id.localeCompare(b.tile.id);
}

function Pager({ page, pages, onPage }: { page: number; pages: number; onPage: (page: number) => void }) {
  const { t } = useTranslation();
  return (
    <>
      {page > 0 && (
        <IconButton
          label={t('meeting.previousPage')}
          icon={<ChevronLeft aria-hidden />}
          className={classes(styles.pager, styles.previous)}
          onPress={() => onPage(page - 1)}
        />
      )}
      {page < pages - 1 && (
        <IconButton
          label={t('meeting.nextPage')}
          icon={<ChevronRight aria-hidden />}
          className={classes(styles.pager, styles.next)}
          onPress={() => onPage(page + 1)}
        />
      )}
    </>
  );
}

function Alone({ tiles }: { tiles: readonly TileInfo[] }) {
  const { t } = useTranslation();
  const others = tiles.filter((tile) => !tile.isLocal);
  if (others.length === 0) return <p className={styles.alone}>{t('meeting.alone')}</p>;
  const onlyRoom = others.every(({ reference }) => kindOf(reference.participant) === 'room');
  return onlyRoom ? <p className={styles.alone}>{t('meeting.aloneRoom')}</p> : null;
}

/** Identity of the other who spoke last; stays when it becomes silent. */
function useLastSpeaker(room: Room): string | undefined {
  const [last, setLast] = useState<string>();
  const loudest = useSpeakingParticipants({ room }).find((one) => !one.isLocal)?.identity;
  if (loudest && loudest !== last) setLast(loudest);
  return loudest ?? last;
}
