/** All rooms, or one that is found by its name. */
import { Plus, X } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRoomName, useRooms } from '../../api/manageRooms';
import { IconButton } from '../../ui/Button';
import { RadioGroup } from '../../ui/RadioGroup';
import { Pill } from '../../ui/Surface';
import { SearchField } from '../../ui/TextField';
import styles from '../users/Users.module.css';

const MOST = 20;

export interface ChosenRoom {
  room: 'all' | 'one';
  /** Undefined with `one`: it is not found yet. */
  roomId: string | undefined;
}

export interface RoomChoiceProps extends ChosenRoom {
  onChange: (chosen: ChosenRoom) => void;
}

export function RoomChoice({ room, roomId, onChange }: RoomChoiceProps) {
  const { t } = useTranslation();
  const [isPicked, setPicked] = useState(false);
  const isOne = room === 'one';
  const pick = (found: string) => {
    setPicked(true);
    onChange({ room, roomId: found });
  };
  return (
    <div className={styles.section}>
      <RadioGroup
        label={t('webhooks.room')}
        options={[
          { id: 'all', label: t('webhooks.allRooms') },
          { id: 'one', label: t('webhooks.oneRoom') },
        ]}
        value={room}
        onChange={(which) => onChange({ room: which, roomId: undefined })}
      />
      {isOne && roomId && (
        <Chosen roomId={roomId} takesFocus={isPicked} onAway={() => onChange({ room, roomId: undefined })} />
      )}
      {isOne && !roomId && <Finder onPick={pick} />}
    </div>
  );
}

interface ChosenProps {
  roomId: string;
  /** It stands in the place of the button with which it was chosen. */
  takesFocus: boolean;
  onAway: () => void;
}

function Chosen({ roomId, takesFocus, onAway }: ChosenProps) {
  const { t } = useTranslation();
  const name = useRoomName(roomId).data ?? roomId;
  return (
    <div className={styles.chosen}>
      <Pill tone="accent">
        <bdi>{name}</bdi>
      </Pill>
      <IconButton
        label={t('picker.away', { name })}
        icon={<X size={18} aria-hidden />}
        size="small"
        autoFocus={takesFocus}
        onPress={onAway}
      />
    </div>
  );
}

function Finder({ onPick }: { onPick: (roomId: string) => void }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim());
  const rooms = useRooms({ search: wanted || undefined, sortField: 'roomName', sortOrder: 'asc', maxItems: MOST });
  const found = rooms.data?.items ?? [];
  return (
    <div className={styles.picker}>
      <SearchField label={t('picker.searchRoom')} value={search} onChange={setSearch} />
      {rooms.isSuccess && found.length === 0 && <p>{t('picker.noRoom')}</p>}
      {found.length > 0 && (
        <ul className={styles.people} aria-label={t('picker.foundRooms')}>
          {found.map(({ roomId, roomName }) => (
            <li key={roomId}>
              <span>{roomName}</span>
              <IconButton
                label={t('picker.pick', { name: roomName })}
                icon={<Plus size={18} aria-hidden />}
                size="small"
                onPress={() => onPick(roomId)}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
