/** A room in a list of what was sent: its name, and the id other programs know it by. */
import { useRoomName } from '../../api/manageRooms';
import styles from '../list/List.module.css';

/** One that is gone has only its id left. */
export function RoomName({ roomId }: { roomId: string }) {
  const name = useRoomName(roomId).data;
  return (
    <span className={styles.named}>
      {name !== undefined && <bdi>{name}</bdi>}
      <small>{roomId}</small>
    </span>
  );
}
