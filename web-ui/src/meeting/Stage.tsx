/** The pictures of the meeting: as a grid, or one large with the others beside it. */
import { useSpeakingParticipants } from '@livekit/components-react';
import type { Room } from 'livekit-client';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bestGrid, pageSize } from '../lib/grid';
import { pickFocus, promoteSpeaker } from '../lib/focus';
import { IconButton } from '../ui/Button';
import { classes } from '../ui/classes';
import { kindOf } from './participant';
import styles from './Stage.module.css';
import { Tile } from './Tile';
import { useElementSize, type Size } from './useElementSize';
import { useTiles, type TileInfo } from './useTiles';

export type Layout = 'grid' | 'speaker';

export interface StageProps {
  room: Room;
  layout: Layout;
  pinned: string | undefined;
  onPin: (id: string | undefined) => void;
}

export function Stage({ room, layout, pinned, onPin }: StageProps) {
  const { t } = useTranslation();
  const area = useRef<HTMLDivElement>(null);
  const size = useElementSize(area);
  const tiles = useTiles(room);
  const speaker = useLastSpeaker(room);
  const focus = pickFocus(tiles, { pinned, speaker, speakerLayout: layout === 'speaker' });
  const pin = (tile: TileInfo) =>
    tiles.length > 1 ? () => onPin(tile.id === pinned ? undefined : tile.id) : undefined;
  const shared = { tiles, size, pinned, pin };
  return (
    <section className={styles.stage} aria-label={t('meeting.participantsRegion')}>
      <Alone tiles={tiles} />
      <div ref={area} className={styles.area}>
        {size.width > 0 && (focus ? <Focused {...shared} focus={focus} /> : <Grid {...shared} speaker={speaker} />)}
      </div>
    </section>
  );
}

interface Shared {
  tiles: TileInfo[];
  size: Size;
  pinned: string | undefined;
  pin: (tile: TileInfo) => (() => void) | undefined;
}

function Grid({ tiles, size, pinned, pin, speaker }: Shared & { speaker: string | undefined }) {
  const { t } = useTranslation();
  const [page, setPage] = useState(0);
  const [own, ...rest] = [...tiles].reverse();
  // With one other picture one's own floats over it.
  const floating = own?.isLocal && tiles.length === 2 ? own : undefined;
  const all = floating ? rest : tiles;
  const perPage = pageSize(size.width, size.height);
  const pages = Math.max(1, Math.ceil(all.length / perPage));
  const current = Math.min(page, pages - 1);
  const ordered = promoteSpeaker(all, speaker, perPage);
  const shown = ordered.slice(current * perPage, (current + 1) * perPage);
  const { tileWidth: width, tileHeight: height } = bestGrid(shown.length, size.width, size.height);
  const avatarSize = Math.max(36, Math.min(112, Math.round(height * 0.34)));
  return (
    <>
      <ul className={styles.grid}>
        {shown.map((tile) => (
          <li key={tile.id} style={{ width, height }}>
            <Tile tile={tile} pinned={tile.id === pinned} onPin={pin(tile)} avatarSize={avatarSize} />
          </li>
        ))}
      </ul>
      {floating && (
        <div className={styles.float}>
          <Tile tile={floating} pinned={false} avatarSize={40} />
        </div>
      )}
      {current > 0 && (
        <IconButton
          label={t('meeting.previousPage')}
          icon={<ChevronLeft aria-hidden />}
          className={classes(styles.pager, styles.previous)}
          onPress={() => setPage(current - 1)}
        />
      )}
      {current < pages - 1 && (
        <IconButton
          label={t('meeting.nextPage')}
          icon={<ChevronRight aria-hidden />}
          className={classes(styles.pager, styles.next)}
          onPress={() => setPage(current + 1)}
        />
      )}
    </>
  );
}

function Focused({ tiles, size, pinned, pin, focus }: Shared & { focus: TileInfo }) {
  const others = tiles.filter((tile) => tile.id !== focus.id);
  const tall = size.width < size.height * 1.25;
  return (
    <div className={styles.speaker} data-tall={tall || undefined}>
      <div className={styles.main}>
        <Tile tile={focus} pinned={focus.id === pinned} onPin={pin(focus)} avatarSize={112} />
      </div>
      {others.length > 0 && (
        // Scrolls when there are many: reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <ul className={styles.rail} tabIndex={0}>
          {others.map((tile) => (
            <li key={tile.id}>
              <Tile tile={tile} pinned={tile.id === pinned} onPin={pin(tile)} avatarSize={40} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Alone({ tiles }: { tiles: TileInfo[] }) {
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
