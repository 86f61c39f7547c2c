/** All rooms, or one that is found by its name. */
import { Plus, X } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useManagedRoom, useRooms } from '../../api/manageRooms';
import { IconButton } from '../../ui/Button';
import { RadioGroup } from '../../ui/RadioGroup';
import { Pill } from '../../ui/Surface';
import { SearchField } from '../../ui/TextField';
import styles from '../users/Users.module.css';

const MOST = 20;

export interface RoomChoiceProps {
  /** Undefined: all. */
  roomId: string | undefined;
  onChange: (roomId: string | undefined) => void;
}

export function RoomChoice({ roomId, onChange }: RoomChoiceProps) {
  const { t } = useTranslation();
  const [one, setOne] = useState(roomId !== undefined);
  const choose = (which: 'all' | 'one') => {
    setOne(which === 'one');
    if (which === 'all') onChange(undefined);
  };
  return (
    <div className={styles.section}>
      <RadioGroup
        label={t('webhooks.room')}
        options={[
          { id: 'all', label: t('webhooks.allRooms') },
          { id: 'one', label: t('webhooks.oneRoom') },
        ]}
        value={one ? 'one' : 'all'}
        onChange={choose}
      />
      {one && roomId && <Chosen roomId={roomId} onAway={() => onChange(undefined)} />}
      {one && !roomId && <Finder onPick={onChange} />}
    </div>
  );
}

function Chosen({ roomId, onAway }: { roomId: string; onAway: () => void }) {
  const { t } = useTranslation();
  const name = useManagedRoom(roomId).data?.room.roomName ?? roomId;
  return (
    <div className={styles.chosen}>
      <Pill tone="accent">
        <bdi>{name}</bdi>
      </Pill>
      <IconButton label={t('picker.away', { name })} icon={<X size={18} aria-hidden />} size="small" onPress={onAway} />
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
